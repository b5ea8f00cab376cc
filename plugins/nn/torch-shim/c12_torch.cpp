#include "c12_torch.h"

#include <ATen/Parallel.h>
#include <torch/csrc/jit/ir/alias_analysis.h>
#include <torch/csrc/jit/passes/inliner.h>
#include <torch/script.h>
#include <torch/version.h>

#include <algorithm>
#include <cstring>
#include <limits>
#include <memory>
#include <new>
#include <string>
#include <utility>
#include <vector>

// A run keeps no gradients and may not change what a model's parameters are.
using Guard = c10::InferenceMode;

struct Argument {
  std::string name;
  int32_t kind;
  bool optional;
};

struct c12_torch_model {
  torch::jit::Module module;
  std::vector<Argument> arguments;
  bool stateful;
};

struct c12_torch_outputs {
  std::vector<at::Tensor> tensors;
};

namespace {

struct Refused {
  std::string text;
};

void say(c12_torch_message message, const char *text) {
  if (message.text == nullptr || message.size == 0) {
    return;
  }
  const size_t length = std::min(std::strlen(text), message.size - 1);
  std::memcpy(message.text, text, length);
  message.text[length] = '\0';
}

// Runs what may throw. `failure` is the status for whatever has none of its own.
template <typename Body>
int32_t guarded(c12_torch_message message, int32_t failure, Body body) noexcept {
  try {
    body();
    return C12_TORCH_OK;
  } catch (const Refused &refused) {
    say(message, refused.text.c_str());
    return C12_TORCH_INVALID_ARGUMENT;
  } catch (const std::bad_alloc &) {
    say(message, "there is not enough memory");
    return C12_TORCH_OUT_OF_MEMORY;
  } catch (const c10::Error &error) {
    say(message, error.what_without_backtrace());
    return failure;
  } catch (const std::exception &error) {
    say(message, error.what());
    return failure;
  } catch (...) {
    say(message, "an exception of an unknown type");
    return failure;
  }
}

bool is_tensor(const c10::TypePtr &type) { return type->isSubtypeOf(*c10::TensorType::get()); }

int32_t kind_of(const c10::TypePtr &type) {
  if (is_tensor(type)) {
    return C12_TORCH_ARGUMENT_TENSOR;
  }
  switch (type->kind()) {
    case c10::TypeKind::IntType:
      return C12_TORCH_ARGUMENT_INT;
    case c10::TypeKind::FloatType:
    case c10::TypeKind::NumberType:
      return C12_TORCH_ARGUMENT_FLOAT;
    case c10::TypeKind::BoolType:
      return C12_TORCH_ARGUMENT_BOOL;
    case c10::TypeKind::OptionalType:
      return kind_of(type->expectRef<c10::OptionalType>().getElementType());
    default:
      return C12_TORCH_ARGUMENT_OTHER;
  }
}

std::vector<Argument> arguments_of(const torch::jit::Module &module) {
  std::vector<Argument> arguments;
  const auto &schema = module.get_method("forward").function().getSchema();
  for (size_t position = 1; position < schema.arguments().size(); ++position) {
    const auto &argument = schema.arguments()[position];
    arguments.push_back({argument.name(), kind_of(argument.type()), argument.default_value().has_value()});
  }
  return arguments;
}

bool sets_attributes(const torch::jit::Block *block) {
  for (const auto *node : block->nodes()) {
    if (node->kind() == c10::prim::SetAttr) {
      return true;
    }
    for (const auto *inner : node->blocks()) {
      if (sets_attributes(inner)) {
        return true;
      }
    }
  }
  return false;
}

bool writes_attributes(const torch::jit::AliasDb &aliases, const torch::jit::Block *block) {
  for (const auto *node : block->nodes()) {
    if (node->kind() == c10::prim::GetAttr && aliases.hasWriters(node->output())) {
      return true;
    }
    for (const auto *inner : node->blocks()) {
      if (writes_attributes(aliases, inner)) {
        return true;
      }
    }
  }
  return false;
}

// In doubt it is: a clone too many costs memory, one too few would show a guest what another's run left.
bool is_stateful(const torch::jit::Module &module) {
  try {
    auto graph = torch::jit::toGraphFunction(module.get_method("forward").function()).graph()->copy();
    torch::jit::Inline(*graph);
    if (sets_attributes(graph->block())) {
      return true;
    }
    const torch::jit::AliasDb aliases(graph);
    return writes_attributes(aliases, graph->block());
  } catch (...) {
    return true;
  }
}

c10::ScalarType scalar_of(int32_t type) {
  switch (type) {
    case C12_TORCH_F16:
      return at::kHalf;
    case C12_TORCH_F32:
      return at::kFloat;
    case C12_TORCH_F64:
      return at::kDouble;
    case C12_TORCH_BF16:
      return at::kBFloat16;
    case C12_TORCH_U8:
      return at::kByte;
    case C12_TORCH_I32:
      return at::kInt;
    case C12_TORCH_I64:
      return at::kLong;
    default:
      throw Refused{"the type of a tensor is unknown"};
  }
}

int32_t type_of(c10::ScalarType scalar) {
  switch (scalar) {
    case at::kHalf:
      return C12_TORCH_F16;
    case at::kFloat:
      return C12_TORCH_F32;
    case at::kDouble:
      return C12_TORCH_F64;
    case at::kBFloat16:
      return C12_TORCH_BF16;
    case at::kByte:
      return C12_TORCH_U8;
    case at::kInt:
      return C12_TORCH_I32;
    case at::kLong:
      return C12_TORCH_I64;
    default:
      return C12_TORCH_OTHER;
  }
}

// Of a size that is the product of its dimensions, or refused.
at::Tensor tensor_from(const c12_torch_tensor &input) {
  const auto scalar = scalar_of(input.type);
  if (input.rank > 0 && input.dimensions == nullptr) {
    throw Refused{"a tensor has no dimensions"};
  }
  const at::IntArrayRef dimensions(input.dimensions, input.rank);
  const bool empty = std::find(dimensions.begin(), dimensions.end(), 0) != dimensions.end();
  size_t size = empty ? 0 : c10::elementSize(scalar);
  for (const int64_t dimension : dimensions) {
    if (dimension < 0 || (dimension > 0 && size > std::numeric_limits<size_t>::max() / static_cast<size_t>(dimension))) {
      throw Refused{"a dimension of a tensor is out of range"};
    }
    size *= static_cast<size_t>(dimension);
  }
  if (size != input.size || (size > 0 && input.data == nullptr)) {
    throw Refused{"the data of a tensor does not fit its dimensions"};
  }
  // A copy: models may change what they are given, and keep it.
  auto tensor = at::empty(dimensions, at::TensorOptions().dtype(scalar));
  if (size > 0) {
    std::memcpy(tensor.data_ptr(), input.data, size);
  }
  return tensor;
}

c10::IValue value_from(const c12_torch_tensor &input, const Argument &argument) {
  auto tensor = tensor_from(input);
  if (argument.kind == C12_TORCH_ARGUMENT_TENSOR) {
    return tensor;
  }
  if (argument.kind == C12_TORCH_ARGUMENT_OTHER) {
    throw Refused{"the argument `" + argument.name + "` takes no tensor"};
  }
  if (tensor.numel() != 1) {
    throw Refused{"the argument `" + argument.name + "` takes a single number"};
  }
  const bool whole = at::isIntegralType(tensor.scalar_type(), /*includeBool=*/true);
  if (whole == (argument.kind == C12_TORCH_ARGUMENT_FLOAT)) {
    throw Refused{"the argument `" + argument.name + "` takes " + (whole ? "a float" : "an integer")};
  }
  switch (argument.kind) {
    case C12_TORCH_ARGUMENT_INT:
      return tensor.item().toLong();
    case C12_TORCH_ARGUMENT_BOOL:
      return tensor.item().toLong() != 0;
    default:
      return tensor.item().toDouble();
  }
}

// The type that an output is given in, without loss: one of the interface's own, or a wider one.
c10::ScalarType shown(c10::ScalarType scalar) {
  if (type_of(scalar) != C12_TORCH_OTHER) {
    return scalar;
  }
  // By name: versions differ in which types they have.
  const std::string name = c10::toString(scalar);
  if (name == "Bool") {
    return at::kByte;
  }
  if (name == "Char" || name == "Short" || name == "UInt16") {
    return at::kInt;
  }
  if (name == "UInt32") {
    return at::kLong;
  }
  if (name.rfind("Float8", 0) == 0) {
    return at::kFloat;
  }
  throw Refused{"the model gives a tensor of the type " + name + ", which the interface does not know"};
}

at::Tensor as_output(const at::Tensor &tensor) {
  if (!tensor.defined() || tensor.layout() != at::kStrided || tensor.is_complex()) {
    throw Refused{"the model gives something that is no plain tensor"};
  }
  auto plain = tensor.is_quantized() ? tensor.dequantize() : tensor;
  plain = plain.to(at::kCPU);
  return plain.to(shown(plain.scalar_type())).contiguous();
}

void collect(const c10::IValue &value, std::vector<at::Tensor> &tensors, int depth) {
  if (depth > 16) {
    throw Refused{"the model gives lists within lists that never end"};
  }
  if (value.isTensor()) {
    tensors.push_back(as_output(value.toTensor()));
  } else if (value.isTuple()) {
    for (const auto &element : value.toTupleRef().elements()) {
      collect(element, tensors, depth + 1);
    }
  } else if (value.isList()) {
    for (const auto &element : value.toListRef()) {
      collect(element, tensors, depth + 1);
    }
  } else if (value.isGenericDict()) {
    for (const auto &entry : value.toGenericDict()) {
      collect(entry.value(), tensors, depth + 1);
    }
  } else if (value.isInt()) {
    tensors.push_back(at::full({}, value.toInt(), at::TensorOptions().dtype(at::kLong)));
  } else if (value.isDouble()) {
    tensors.push_back(at::full({}, value.toDouble(), at::TensorOptions().dtype(at::kDouble)));
  } else if (value.isBool()) {
    tensors.push_back(at::full({}, value.toBool() ? 1 : 0, at::TensorOptions().dtype(at::kByte)));
  } else if (!value.isNone()) {
    throw Refused{"the model gives a value of the type " + value.tagKind() + ", which is no tensor"};
  }
}

uint64_t bytes_of(const at::Tensor &tensor) {
  return tensor.defined() && tensor.has_storage() ? tensor.storage().nbytes() : 0;
}

}  // namespace

uint32_t c12_torch_abi(void) { return C12_TORCH_ABI; }

const char *c12_torch_version(void) { return TORCH_VERSION; }

int32_t c12_torch_load(const char *path, c12_torch_model **model, c12_torch_message message) {
  return guarded(message, C12_TORCH_INVALID_MODEL, [&] {
    auto module = torch::jit::load(path, at::kCPU);
    module.eval();
    auto arguments = arguments_of(module);
    const bool stateful = is_stateful(module);
    *model = new c12_torch_model{std::move(module), std::move(arguments), stateful};
  });
}

int32_t c12_torch_clone(const c12_torch_model *model, c12_torch_model **clone, c12_torch_message message) {
  return guarded(message, C12_TORCH_FAILED, [&] {
    *clone = new c12_torch_model{model->module.deepcopy(), model->arguments, model->stateful};
  });
}

void c12_torch_free(c12_torch_model *model) {
  guarded({nullptr, 0}, C12_TORCH_FAILED, [&] { delete model; });
}

int32_t c12_torch_is_stateful(const c12_torch_model *model) { return model->stateful ? 1 : 0; }

uint64_t c12_torch_memory(const c12_torch_model *model) {
  uint64_t bytes = 0;
  guarded({nullptr, 0}, C12_TORCH_FAILED, [&] {
    for (const auto &parameter : model->module.parameters()) {
      bytes += bytes_of(parameter);
    }
    for (const auto &buffer : model->module.buffers()) {
      bytes += bytes_of(buffer);
    }
  });
  return bytes;
}

uint32_t c12_torch_arguments(const c12_torch_model *model) {
  return static_cast<uint32_t>(model->arguments.size());
}

const char *c12_torch_argument_name(const c12_torch_model *model, uint32_t position) {
  return position < model->arguments.size() ? model->arguments[position].name.c_str() : nullptr;
}

int32_t c12_torch_argument_kind(const c12_torch_model *model, uint32_t position) {
  return position < model->arguments.size() ? model->arguments[position].kind : C12_TORCH_ARGUMENT_OTHER;
}

int32_t c12_torch_argument_is_optional(const c12_torch_model *model, uint32_t position) {
  return position < model->arguments.size() && model->arguments[position].optional ? 1 : 0;
}

int32_t c12_torch_run(c12_torch_model *model, const c12_torch_tensor *inputs, uint32_t count, uint32_t threads,
                      c12_torch_outputs **outputs, c12_torch_message message) {
  return guarded(message, C12_TORCH_FAILED, [&] {
    if (count > model->arguments.size()) {
      throw Refused{"the model takes " + std::to_string(model->arguments.size()) + " inputs"};
    }
    // Some of libtorch's settings belong to the thread, and another model may have left its own.
    static const int usual = at::get_num_threads();
    const int wanted = threads > 0 ? static_cast<int>(threads) : usual;
    if (at::get_num_threads() != wanted) {
      at::set_num_threads(wanted);
    }
    const Guard guard;
    std::vector<c10::IValue> values;
    values.reserve(count);
    for (uint32_t position = 0; position < count; ++position) {
      values.push_back(value_from(inputs[position], model->arguments[position]));
    }
    auto result = std::make_unique<c12_torch_outputs>();
    collect(model->module.forward(std::move(values)), result->tensors, 0);
    *outputs = result.release();
  });
}

uint32_t c12_torch_outputs_count(const c12_torch_outputs *outputs) {
  return static_cast<uint32_t>(outputs->tensors.size());
}

int32_t c12_torch_outputs_get(const c12_torch_outputs *outputs, uint32_t position, c12_torch_tensor *tensor) {
  if (position >= outputs->tensors.size()) {
    return C12_TORCH_INVALID_ARGUMENT;
  }
  const at::Tensor &found = outputs->tensors[position];
  return guarded({nullptr, 0}, C12_TORCH_FAILED, [&] {
    tensor->type = type_of(found.scalar_type());
    tensor->rank = static_cast<uint32_t>(found.dim());
    tensor->dimensions = found.sizes().data();
    tensor->data = found.data_ptr();
    tensor->size = found.nbytes();
  });
}

void c12_torch_outputs_free(c12_torch_outputs *outputs) {
  guarded({nullptr, 0}, C12_TORCH_FAILED, [&] { delete outputs; });
}
