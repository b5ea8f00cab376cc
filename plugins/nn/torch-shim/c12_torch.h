/* The C interface between C12 and libtorch, whose own interface is C++ and changes with every version.
 *
 * The library that implements it is compiled on the machine that has libtorch, and loaded at run time. No exception
 * leaves it. Every function that can fail returns NULL or a status other than 0, and then writes what happened to the
 * caller's buffer, cut off where the buffer ends and always terminated.
 */
#ifndef C12_TORCH_H
#define C12_TORCH_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Changes with everything below. */
#define C12_TORCH_ABI 2

#define C12_TORCH_API __attribute__((visibility("default")))

/* What a value is. Values from 1 on are types of tensors. */
enum {
  C12_TORCH_OTHER = 0,
  C12_TORCH_F16 = 1,
  C12_TORCH_F32 = 2,
  C12_TORCH_F64 = 3,
  C12_TORCH_BF16 = 4,
  C12_TORCH_U8 = 5,
  C12_TORCH_I32 = 6,
  C12_TORCH_I64 = 7
};

/* What an argument of a model takes. */
enum {
  C12_TORCH_ARGUMENT_OTHER = 0,
  C12_TORCH_ARGUMENT_TENSOR = 1,
  C12_TORCH_ARGUMENT_INT = 2,
  C12_TORCH_ARGUMENT_FLOAT = 3,
  C12_TORCH_ARGUMENT_BOOL = 4
};

/* What went wrong. */
enum {
  C12_TORCH_OK = 0,
  C12_TORCH_INVALID_MODEL = 1,
  C12_TORCH_INVALID_ARGUMENT = 2,
  C12_TORCH_FAILED = 3,
  C12_TORCH_OUT_OF_MEMORY = 4
};

typedef struct c12_torch_model c12_torch_model;
typedef struct c12_torch_outputs c12_torch_outputs;

/* Elements in row-major order, without gaps. */
typedef struct {
  int32_t type;
  uint32_t rank;
  const int64_t *dimensions;
  const void *data;
  size_t size;
} c12_torch_tensor;

typedef struct {
  char *text;
  size_t size;
} c12_torch_message;

C12_TORCH_API uint32_t c12_torch_abi(void);

/* The version of libtorch that this was compiled against. */
C12_TORCH_API const char *c12_torch_version(void);

/* Reads a TorchScript file into `model`. */
C12_TORCH_API int32_t c12_torch_load(const char *path, c12_torch_model **model, c12_torch_message message);

/* A model of its own with copies of everything that it may change. */
C12_TORCH_API int32_t c12_torch_clone(const c12_torch_model *model, c12_torch_model **clone, c12_torch_message message);

C12_TORCH_API void c12_torch_free(c12_torch_model *model);

/* Whether running the model can change it, so that a run can see what an earlier one left. */
C12_TORCH_API int32_t c12_torch_is_stateful(const c12_torch_model *model);

/* The bytes of its parameters, buffers and constants. */
C12_TORCH_API uint64_t c12_torch_memory(const c12_torch_model *model);

/* The arguments of `forward` without `self`. */
C12_TORCH_API uint32_t c12_torch_arguments(const c12_torch_model *model);

/* The name of an argument, which lives as long as the model; NULL behind the last. */
C12_TORCH_API const char *c12_torch_argument_name(const c12_torch_model *model, uint32_t position);

/* What an argument takes; C12_TORCH_ARGUMENT_OTHER behind the last. */
C12_TORCH_API int32_t c12_torch_argument_kind(const c12_torch_model *model, uint32_t position);

/* Whether an argument can be left out. */
C12_TORCH_API int32_t c12_torch_argument_is_optional(const c12_torch_model *model, uint32_t position);

/* Calls `forward` with the first `count` arguments; several calls at once are for models that are not stateful. The
 * data of the inputs is read during the call only. `threads` is how many a computation may use, 0 for libtorch's
 * choice. */
C12_TORCH_API int32_t c12_torch_run(c12_torch_model *model, const c12_torch_tensor *inputs, uint32_t count, uint32_t threads,
                      c12_torch_outputs **outputs, c12_torch_message message);

/* How many tensors a result has; tuples, lists and dictionaries count as what they hold, in order. */
C12_TORCH_API uint32_t c12_torch_outputs_count(const c12_torch_outputs *outputs);

/* A tensor of a result, which lives as long as the result. Other than 0 if there is none at this position. */
C12_TORCH_API int32_t c12_torch_outputs_get(const c12_torch_outputs *outputs, uint32_t position, c12_torch_tensor *tensor);

C12_TORCH_API void c12_torch_outputs_free(c12_torch_outputs *outputs);

#ifdef __cplusplus
}
#endif

#endif
