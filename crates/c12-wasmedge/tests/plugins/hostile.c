// Does what a plugin should not do. `CASE` chooses what is wrong with the plugin itself.

#include <pthread.h>
#include <string.h>
#include <wasmedge/wasmedge.h>

enum cases {
  FINE,
  NO_DESCRIPTOR,
  NO_NAME,
  EMPTY_NAME,
  NAME_OF_TWO_LINES,
  NAME_NOT_UTF8,
  NO_MODULES,
  NO_MODULE_TABLE,
  TOO_MANY_MODULES,
  NO_CREATE,
  CREATES_NOTHING,
  CREATES_THE_SAME,
  CREATES_SOMETHING_ELSE,
  CREATES_ANOTHER_NAME,
  CREATES_FEWER_FUNCTIONS,
  CREATES_A_BAD_NAME,
  OPTION_WITHOUT_STORAGE,
  OPTION_OF_NO_TYPE,
  STRANGE_TYPE,
};
#ifndef CASE
#define CASE FINE
#endif
#ifndef API_VERSION
#define API_VERSION WasmEdge_Plugin_CurrentAPIVersion
#endif

static WasmEdge_String wrap(const char *name) { return WasmEdge_StringWrap(name, (uint32_t)strlen(name)); }

#define FUNCTION(name)                                                                                                 \
  static WasmEdge_Result name(void *data, const WasmEdge_CallingFrameContext *frame, const WasmEdge_Value *in,         \
                              WasmEdge_Value *out)
#define UNUSED (void)data, (void)frame, (void)in, (void)out

FUNCTION(nothing) {
  UNUSED;
  return WasmEdge_Result_Success;
}

// Deletes everything twice, and what is not its own.
FUNCTION(delete_twice) {
  UNUSED;
  WasmEdge_String text = WasmEdge_StringCreateByCString("text");
  WasmEdge_StringDelete(text);
  WasmEdge_StringDelete(text);
  WasmEdge_StringDelete(wrap("wrapped"));
  WasmEdge_Bytes bytes = WasmEdge_BytesCreate((const uint8_t *)"b", 1);
  WasmEdge_BytesDelete(bytes);
  WasmEdge_BytesDelete(bytes);
  WasmEdge_FunctionTypeContext *type = WasmEdge_FunctionTypeCreate(NULL, 0, NULL, 0);
  WasmEdge_ModuleInstanceContext *own = WasmEdge_ModuleInstanceCreate(wrap("own"));
  WasmEdge_FunctionInstanceContext *function = WasmEdge_FunctionInstanceCreate(type, nothing, NULL, 0);
  WasmEdge_FunctionTypeDelete(type);
  WasmEdge_FunctionTypeDelete(type);
  WasmEdge_ModuleInstanceAddFunction(own, wrap("f"), function);
  WasmEdge_ModuleInstanceAddFunction(own, wrap("g"), function);
  WasmEdge_FunctionInstanceDelete(function);
  // A type of an instance, which is part of it.
  WasmEdge_FunctionTypeDelete((WasmEdge_FunctionTypeContext *)WasmEdge_FunctionInstanceGetFunctionType(function));
  uint32_t functions = WasmEdge_ModuleInstanceListFunctionLength(own);
  WasmEdge_ModuleInstanceDelete(own);
  WasmEdge_ModuleInstanceDelete(own);
  // The module that it handed over, the guest's, its memory and its executor.
  WasmEdge_ModuleInstanceDelete(data);
  WasmEdge_ModuleInstanceContext *guest = (WasmEdge_ModuleInstanceContext *)WasmEdge_CallingFrameGetModuleInstance(frame);
  WasmEdge_ModuleInstanceAddFunction(guest, wrap("added"), NULL);
  WasmEdge_ModuleInstanceDelete(guest);
  WasmEdge_MemoryInstanceDelete(WasmEdge_CallingFrameGetMemoryInstance(frame, 0));
  WasmEdge_ExecutorDelete(WasmEdge_CallingFrameGetExecutor(frame));
  out[0] = WasmEdge_ValueGenI32((int32_t)(functions * 100 + WasmEdge_MemoryInstanceGetPageSize(
                                                                WasmEdge_CallingFrameGetMemoryInstance(frame, 0))));
  return WasmEdge_Result_Success;
}

// Returns as a function what is none.
FUNCTION(false_function) {
  (void)data, (void)frame;
  static int not_a_function;
  out[0] = WasmEdge_ValueGetI32(in[0]) ? WasmEdge_ValueGenV128(~(int128_t)0)
                                       : WasmEdge_ValueGenFuncRef((const WasmEdge_FunctionInstanceContext *)&not_a_function);
  return WasmEdge_Result_Success;
}

struct errand {
  WasmEdge_MemoryInstanceContext *memory;
  const WasmEdge_ModuleInstanceContext *module;
  WasmEdge_ExecutorContext *executor;
  WasmEdge_FunctionInstanceContext *function;
  int reached;
};

static void *run_errand(void *data) {
  struct errand *errand = data;
  WasmEdge_Value result;
  errand->reached = (WasmEdge_MemoryInstanceGetPointer(errand->memory, 0, 1) != NULL) |
                    (WasmEdge_MemoryInstanceGetPageSize(errand->memory) != 0) << 1 |
                    (WasmEdge_MemoryInstanceGrowPage(errand->memory, 1).Code != 4) << 2 |
                    (WasmEdge_ModuleInstanceFindGlobal(errand->module, wrap("g")) != NULL) << 3 |
                    (WasmEdge_ExecutorInvoke(errand->executor, errand->function, NULL, 0, &result, 1).Code != 4) << 4;
  return NULL;
}

// Uses the guest from another thread while it is being called.
FUNCTION(from_another_thread) {
  (void)data, (void)in;
  const WasmEdge_ModuleInstanceContext *module = WasmEdge_CallingFrameGetModuleInstance(frame);
  struct errand errand = {WasmEdge_CallingFrameGetMemoryInstance(frame, 0), module, WasmEdge_CallingFrameGetExecutor(frame),
                          WasmEdge_ModuleInstanceFindFunction(module, wrap("f")), -1};
  pthread_t thread;
  if (pthread_create(&thread, NULL, run_errand, &errand) != 0)
    return WasmEdge_Result_Fail;
  pthread_join(thread, NULL);
  out[0] = WasmEdge_ValueGenI32(errand.reached);
  return WasmEdge_Result_Success;
}

static struct errand kept;

// Keeps what belongs to the guest that calls.
FUNCTION(keep) {
  (void)data, (void)in, (void)out;
  kept.module = WasmEdge_CallingFrameGetModuleInstance(frame);
  kept.memory = WasmEdge_CallingFrameGetMemoryInstance(frame, 0);
  kept.executor = WasmEdge_CallingFrameGetExecutor(frame);
  kept.function = WasmEdge_ModuleInstanceFindFunction(kept.module, wrap("f"));
  return WasmEdge_Result_Success;
}

// Uses what was kept: of another guest, which is not being called.
FUNCTION(use_kept) {
  (void)data, (void)in;
  run_errand(&kept);
  WasmEdge_Value result;
  // A function of the other guest with the executor of this one.
  WasmEdge_Result code =
      WasmEdge_ExecutorInvoke(WasmEdge_CallingFrameGetExecutor(frame), kept.function, NULL, 0, &result, 1);
  out[0] = WasmEdge_ValueGenI32(kept.reached | (code.Code != 4) << 5);
  return WasmEdge_Result_Success;
}

// Calls functions that plugins have no use for.
FUNCTION(embed) {
  UNUSED;
  WasmEdge_VMContext *vm = WasmEdge_VMCreate(WasmEdge_ConfigureCreate(), NULL);
  WasmEdge_ASTModuleContext *module = NULL;
  WasmEdge_Result loaded = WasmEdge_LoaderParseFromFile(WasmEdge_LoaderCreate(NULL), &module, "x.wasm");
  WasmEdge_String name = WasmEdge_PluginGetPluginName(WasmEdge_PluginFind(wrap("hostile")));
  double speed = WasmEdge_StatisticsGetInstrPerSecond(WasmEdge_StatisticsCreate());
  WasmEdge_VMDelete(vm);
  bool as_expected = vm == NULL && loaded.Code == 4 && module == NULL && name.Buf == NULL && name.Length == 0 &&
                     speed == 0 && WasmEdge_ExecutorCreate(NULL, NULL) == NULL &&
                     WasmEdge_ModuleInstanceCreateWASI(NULL, 0, NULL, 0, NULL, 0) == NULL &&
                     WasmEdge_Driver_Tool(0, NULL) != 0;
  out[0] = WasmEdge_ValueGenI32(as_expected);
  return WasmEdge_Result_Success;
}

// Adds and replaces functions while the guest uses them.
FUNCTION(replace) {
  (void)frame, (void)in;
  WasmEdge_FunctionTypeContext *type = WasmEdge_FunctionTypeCreate(NULL, 0, NULL, 0);
  for (int i = 0; i < 100; i++)
    WasmEdge_ModuleInstanceAddFunction(data, wrap("replace"), WasmEdge_FunctionInstanceCreate(type, nothing, NULL, 0));
  WasmEdge_FunctionTypeDelete(type);
  out[0] = WasmEdge_ValueGenI32((int32_t)WasmEdge_ModuleInstanceListFunctionLength(data));
  return WasmEdge_Result_Success;
}

static WasmEdge_ModuleInstanceContext *first;
static int made;

static WasmEdge_ModuleInstanceContext *create(const WasmEdge_ModuleDescriptor *descriptor) {
  (void)descriptor;
  made++;
  const char *name = "hostile";
  if (CASE == CREATES_NOTHING && made > 1)
    return NULL;
  if (CASE == CREATES_THE_SAME && first)
    return first;
  if (CASE == CREATES_SOMETHING_ELSE)
    return (WasmEdge_ModuleInstanceContext *)WasmEdge_FunctionTypeCreate(NULL, 0, NULL, 0);
  if (CASE == CREATES_ANOTHER_NAME && made > 2)
    name = "another";
  if (CASE == CREATES_A_BAD_NAME)
    name = "h\xff";
  WasmEdge_ModuleInstanceContext *module = first = WasmEdge_ModuleInstanceCreate(wrap(name));
  static const struct {
    const char *name;
    WasmEdge_HostFunc_t function;
    int parameters, function_result;
  } functions[] = {
      {"delete_twice", delete_twice, 0, 0},
      {"false_function", false_function, 1, 1},
      {"from_another_thread", from_another_thread, 0, 0},
      {"keep", keep, 0, -1},
      {"use_kept", use_kept, 0, 0},
      {"embed", embed, 0, 0},
      {"replace", replace, 0, 0},
  };
  for (size_t i = 0; i < sizeof functions / sizeof *functions; i++) {
    if (CASE == CREATES_FEWER_FUNCTIONS && made > 2 && functions[i].function == embed)
      continue;
    WasmEdge_ValType number = WasmEdge_ValTypeGenI32(), function = WasmEdge_ValTypeGenFuncRef();
    if (CASE == STRANGE_TYPE && functions[i].function == embed)
      memset(number.Data, 0x11, sizeof number.Data);
    WasmEdge_FunctionTypeContext *type =
        WasmEdge_FunctionTypeCreate(&number, (uint32_t)functions[i].parameters, functions[i].function_result > 0 ? &function : &number,
                                    functions[i].function_result >= 0);
    WasmEdge_ModuleInstanceAddFunction(module, wrap(functions[i].name),
                                       WasmEdge_FunctionInstanceCreate(type, functions[i].function, module, 0));
    WasmEdge_FunctionTypeDelete(type);
  }
  WasmEdge_MemoryTypeContext *memory = WasmEdge_MemoryTypeCreate((WasmEdge_Limit){.Min = 1});
  WasmEdge_ModuleInstanceAddMemory(module, wrap("memory"), WasmEdge_MemoryInstanceCreate(memory));
  WasmEdge_MemoryTypeDelete(memory);
  return module;
}

static WasmEdge_ModuleDescriptor modules[] = {{"one", "", CASE == NO_CREATE ? NULL : create}, {"two", "", create}};
static WasmEdge_ProgramOption options[] = {{"option", "",
                                            CASE == OPTION_OF_NO_TYPE ? (WasmEdge_ProgramOptionType)99
                                                                      : WasmEdge_ProgramOptionType_Int32,
                                            NULL, NULL}};
static WasmEdge_PluginDescriptor descriptor = {
    .Name = CASE == NO_NAME         ? NULL
            : CASE == EMPTY_NAME    ? ""
            : CASE == NAME_OF_TWO_LINES ? "a\nb"
            : CASE == NAME_NOT_UTF8 ? "\xff"
                                    : "hostile",
    .APIVersion = API_VERSION,
    .ModuleCount = CASE == NO_MODULES ? 0 : CASE == TOO_MANY_MODULES ? 0x7fffffff : 2,
    .ModuleDescriptions = CASE == NO_MODULE_TABLE ? NULL : modules,
    .ProgramOptionCount = CASE == OPTION_WITHOUT_STORAGE || CASE == OPTION_OF_NO_TYPE,
    .ProgramOptions = options,
};

WASMEDGE_CAPI_PLUGIN_EXPORT const WasmEdge_PluginDescriptor *WasmEdge_Plugin_GetDescriptor(void) {
  return CASE == NO_DESCRIPTOR ? NULL : &descriptor;
}
