// Uses the plugin API from end to end and writes down what it sees. The tests run it in WasmEdge and in C12 and
// compare the texts, so it does nothing that WasmEdge leaves undefined, and shows no addresses.

#include "transcript_values.h"

static WasmEdge_Result nothing(void *data, const WasmEdge_CallingFrameContext *frame, const WasmEdge_Value *in,
                               WasmEdge_Value *out) {
  UNUSED;
  return WasmEdge_Result_Success;
}

FUNCTION(memories) {
  UNUSED;
  WasmEdge_MemoryTypeContext *type = WasmEdge_MemoryTypeCreate((WasmEdge_Limit){.HasMax = true, .Min = 1, .Max = 3});
  WasmEdge_MemoryInstanceContext *memory = WasmEdge_MemoryInstanceCreate(type);
  uint8_t *base = WasmEdge_MemoryInstanceGetPointer(memory, 0, 1);
  say("pages: %u", WasmEdge_MemoryInstanceGetPageSize(memory));
  say_result("grow 1", WasmEdge_MemoryInstanceGrowPage(memory, 1));
  say_result("grow 2", WasmEdge_MemoryInstanceGrowPage(memory, 2));
  say_result("grow 0", WasmEdge_MemoryInstanceGrowPage(memory, 0));
  say_result("grow none", WasmEdge_MemoryInstanceGrowPage(NULL, 1));
  say("stays: %s", yes(base == WasmEdge_MemoryInstanceGetPointer(memory, 0, 1)));
  say_limit("type", WasmEdge_MemoryTypeGetLimit(WasmEdge_MemoryInstanceGetMemoryType(memory)));
  say_limit("own type", WasmEdge_MemoryTypeGetLimit(type));
  uint8_t content[4] = {1, 2, 3, 4};
  uint32_t end = 2 * 65536;
  say_result("set at end", WasmEdge_MemoryInstanceSetData(memory, content, end - 4, 4));
  say_result("set past end", WasmEdge_MemoryInstanceSetData(memory, content, end - 3, 4));
  say_result("set far out", WasmEdge_MemoryInstanceSetData(memory, content, 0xffffffff, 4));
  say_result("set nothing at end", WasmEdge_MemoryInstanceSetData(memory, content, end, 0));
  say_result("set nothing past end", WasmEdge_MemoryInstanceSetData(memory, content, end + 1, 0));
  memset(content, 0, sizeof content);
  say_result("get", WasmEdge_MemoryInstanceGetData(memory, content, end - 4, 4));
  say("data: %d %d", content[0], content[3]);
  say_result("get without buffer", WasmEdge_MemoryInstanceGetData(memory, NULL, 0, 4));
  say_result("get without memory", WasmEdge_MemoryInstanceGetData(NULL, content, 0, 4));
  say("pointers: %s %s %s %s %s", yes(WasmEdge_MemoryInstanceGetPointer(memory, 0, end) == base),
      yes(WasmEdge_MemoryInstanceGetPointer(memory, end, 0) == base + end),
      yes(WasmEdge_MemoryInstanceGetPointer(memory, end + 1, 0) == NULL),
      yes(WasmEdge_MemoryInstanceGetPointer(memory, 0, end + 1) == NULL),
      yes(WasmEdge_MemoryInstanceGetPointerConst(memory, 4, 4) == base + 4));
  WasmEdge_MemoryInstanceDelete(memory);
  WasmEdge_MemoryTypeDelete(type);
  say("none: %u %s", WasmEdge_MemoryInstanceGetPageSize(NULL), yes(WasmEdge_MemoryInstanceCreate(NULL) == NULL));
  return WasmEdge_Result_Success;
}

FUNCTION(tables_and_globals) {
  UNUSED;
  int target;
  WasmEdge_Value external = WasmEdge_ValueGenExternRef(&target), found;
  WasmEdge_TableTypeContext *type =
      WasmEdge_TableTypeCreate(WasmEdge_ValTypeGenExternRef(), (WasmEdge_Limit){.HasMax = true, .Min = 2, .Max = 3});
  WasmEdge_TableInstanceContext *table = WasmEdge_TableInstanceCreate(type);
  say_result("get", WasmEdge_TableInstanceGetData(table, &found, 1));
  say("null: %s", yes(WasmEdge_ValueIsNullRef(found)));
  say_result("set", WasmEdge_TableInstanceSetData(table, external, 1));
  say_result("get", WasmEdge_TableInstanceGetData(table, &found, 1));
  say("same: %s", yes(WasmEdge_ValueGetExternRef(found) == &target));
  say_result("get outside", WasmEdge_TableInstanceGetData(table, &found, 2));
  say_result("set outside", WasmEdge_TableInstanceSetData(table, external, 5));
  say_result("set function", WasmEdge_TableInstanceSetData(table, WasmEdge_ValueGenFuncRef(NULL), 0));
  say_result("set number", WasmEdge_TableInstanceSetData(table, WasmEdge_ValueGenI32(1), 0));
  say_result("grow 2", WasmEdge_TableInstanceGrow(table, 2));
  say_result("grow 1", WasmEdge_TableInstanceGrow(table, 1));
  say_result("grow none", WasmEdge_TableInstanceGrow(NULL, 1));
  say("size: %u", WasmEdge_TableInstanceGetSize(table));
  say_limit("type", WasmEdge_TableTypeGetLimit(WasmEdge_TableInstanceGetTableType(table)));
  WasmEdge_TableInstanceDelete(table);
  table = WasmEdge_TableInstanceCreateWithInit(type, external);
  WasmEdge_TableInstanceGetData(table, &found, 0);
  say("filled: %s", yes(WasmEdge_ValueGetExternRef(found) == &target));
  WasmEdge_TableInstanceDelete(table);
  say("filled with a function: %s", yes(WasmEdge_TableInstanceCreateWithInit(type, WasmEdge_ValueGenFuncRef(NULL)) == NULL));
  WasmEdge_TableTypeDelete(type);

  WasmEdge_GlobalTypeContext *constant = WasmEdge_GlobalTypeCreate(WasmEdge_ValTypeGenI32(), WasmEdge_Mutability_Const);
  WasmEdge_GlobalTypeContext *variable = WasmEdge_GlobalTypeCreate(WasmEdge_ValTypeGenI32(), WasmEdge_Mutability_Var);
  WasmEdge_GlobalTypeContext *reference = WasmEdge_GlobalTypeCreate(WasmEdge_ValTypeGenExternRef(), WasmEdge_Mutability_Var);
  WasmEdge_GlobalTypeContext *functions = WasmEdge_GlobalTypeCreate(WasmEdge_ValTypeGenFuncRef(), WasmEdge_Mutability_Var);
  say("unfit: %s", yes(WasmEdge_GlobalInstanceCreate(constant, WasmEdge_ValueGenI64(1)) == NULL));
  WasmEdge_GlobalInstanceContext *one = WasmEdge_GlobalInstanceCreate(constant, WasmEdge_ValueGenI32(7));
  WasmEdge_GlobalInstanceContext *two = WasmEdge_GlobalInstanceCreate(variable, WasmEdge_ValueGenI32(8));
  WasmEdge_GlobalInstanceContext *three = WasmEdge_GlobalInstanceCreate(reference, external);
  say_result("set constant", WasmEdge_GlobalInstanceSetValue(one, WasmEdge_ValueGenI32(1)));
  say_result("set other type", WasmEdge_GlobalInstanceSetValue(two, WasmEdge_ValueGenI64(1)));
  say_result("set", WasmEdge_GlobalInstanceSetValue(two, WasmEdge_ValueGenI32(9)));
  say_result("set function", WasmEdge_GlobalInstanceSetValue(three, WasmEdge_ValueGenFuncRef(NULL)));
  WasmEdge_GlobalInstanceContext *four = WasmEdge_GlobalInstanceCreate(reference, WasmEdge_ValueGenI32(1));
  say("number for extern: %s, for function: %s", yes(four == NULL),
      yes(WasmEdge_GlobalInstanceCreate(functions, WasmEdge_ValueGenI32(1)) == NULL));
  say_result("set none", WasmEdge_GlobalInstanceSetValue(NULL, external));
  say("values: %d %d %s", WasmEdge_ValueGetI32(WasmEdge_GlobalInstanceGetValue(one)),
      WasmEdge_ValueGetI32(WasmEdge_GlobalInstanceGetValue(two)),
      yes(WasmEdge_ValueGetExternRef(WasmEdge_GlobalInstanceGetValue(three)) == &target));
  say("mutable: %d", WasmEdge_GlobalTypeGetMutability(WasmEdge_GlobalInstanceGetGlobalType(two)));
  WasmEdge_GlobalInstanceDelete(one);
  WasmEdge_GlobalInstanceDelete(two);
  WasmEdge_GlobalInstanceDelete(three);
  WasmEdge_GlobalInstanceDelete(four);
  WasmEdge_GlobalTypeDelete(constant);
  WasmEdge_GlobalTypeDelete(variable);
  WasmEdge_GlobalTypeDelete(reference);
  WasmEdge_GlobalTypeDelete(functions);
  return WasmEdge_Result_Success;
}

static void count(void *data) { ++*(int *)data; }

FUNCTION(modules) {
  UNUSED;
  int finished = 0;
  WasmEdge_ModuleInstanceContext *module = WasmEdge_ModuleInstanceCreateWithData(wrap("own"), &finished, count);
  WasmEdge_String name = WasmEdge_ModuleInstanceGetModuleName(module);
  say("module: %.*s, data %s", (int)name.Length, name.Buf, yes(WasmEdge_ModuleInstanceGetHostData(module) == &finished));
  WasmEdge_FunctionTypeContext *type = WasmEdge_FunctionTypeCreate(NULL, 0, NULL, 0);
  const char *names[] = {"zeta", "alpha", "beta", "alpha"};
  for (intptr_t i = 0; i < 4; i++)
    WasmEdge_ModuleInstanceAddFunction(module, wrap(names[i]), WasmEdge_FunctionInstanceCreate(type, nothing, (void *)i, 0));
  WasmEdge_FunctionTypeDelete(type);
  WasmEdge_String found[8];
  uint32_t length = WasmEdge_ModuleInstanceListFunction(module, found, 2);
  say("functions: %u, %u, %.*s %.*s", length, WasmEdge_ModuleInstanceListFunctionLength(module), (int)found[0].Length,
      found[0].Buf, (int)found[1].Length, found[1].Buf);
  say("terminated: %s", yes(found[0].Buf[found[0].Length] == 0));
  WasmEdge_FunctionInstanceContext *alpha = WasmEdge_ModuleInstanceFindFunction(module, wrap("alpha"));
  say("alpha: %d, gamma %s", (int)(intptr_t)WasmEdge_FunctionInstanceGetData(alpha),
      yes(WasmEdge_ModuleInstanceFindFunction(module, wrap("gamma")) == NULL));
  say("its type: %u", WasmEdge_FunctionTypeGetParametersLength(WasmEdge_FunctionInstanceGetFunctionType(alpha)));
  WasmEdge_MemoryTypeContext *memory = WasmEdge_MemoryTypeCreate((WasmEdge_Limit){.Min = 1});
  WasmEdge_ModuleInstanceAddMemory(module, wrap("m"), WasmEdge_MemoryInstanceCreate(memory));
  WasmEdge_MemoryTypeDelete(memory);
  WasmEdge_TableTypeContext *table = WasmEdge_TableTypeCreate(WasmEdge_ValTypeGenFuncRef(), (WasmEdge_Limit){.Min = 4});
  WasmEdge_ModuleInstanceAddTable(module, wrap("t"), WasmEdge_TableInstanceCreate(table));
  WasmEdge_TableTypeDelete(table);
  WasmEdge_GlobalTypeContext *global = WasmEdge_GlobalTypeCreate(WasmEdge_ValTypeGenF64(), WasmEdge_Mutability_Const);
  WasmEdge_ModuleInstanceAddGlobal(module, wrap("g"), WasmEdge_GlobalInstanceCreate(global, WasmEdge_ValueGenF64(2.5)));
  WasmEdge_GlobalTypeDelete(global);
  say("others: %u %u %u %u", WasmEdge_ModuleInstanceListMemoryLength(module), WasmEdge_ModuleInstanceListTableLength(module),
      WasmEdge_ModuleInstanceListGlobalLength(module), WasmEdge_ModuleInstanceListTagLength(module));
  say("found: %u %u %g", WasmEdge_MemoryInstanceGetPageSize(WasmEdge_ModuleInstanceFindMemory(module, wrap("m"))),
      WasmEdge_TableInstanceGetSize(WasmEdge_ModuleInstanceFindTable(module, wrap("t"))),
      WasmEdge_ValueGetF64(WasmEdge_GlobalInstanceGetValue(WasmEdge_ModuleInstanceFindGlobal(module, wrap("g")))));
  WasmEdge_ModuleInstanceAddFunction(module, wrap("none"), NULL);
  WasmEdge_ModuleInstanceDelete(module);
  say("finished: %d", finished);
  say("none: %u %s", WasmEdge_ModuleInstanceListFunctionLength(NULL),
      yes(WasmEdge_ModuleInstanceGetModuleName(NULL).Buf == NULL));
  return WasmEdge_Result_Success;
}

FUNCTION(frame_of_guest) {
  UNUSED;
  const WasmEdge_ModuleInstanceContext *module = WasmEdge_CallingFrameGetModuleInstance(frame);
  WasmEdge_String name = WasmEdge_ModuleInstanceGetModuleName(module);
  say("guest: '%.*s', data %s", (int)name.Length, name.Buf, yes(WasmEdge_ModuleInstanceGetHostData(module) == NULL));
  say("again: %s", yes(module == WasmEdge_CallingFrameGetModuleInstance(frame)));
  WasmEdge_String names[32];
  uint32_t length = WasmEdge_ModuleInstanceListFunction(module, names, 32);
  for (uint32_t i = 0; i < length && i < 32; i++)
    say("function %.*s", (int)names[i].Length, names[i].Buf);
  say("counts: %u %u %u", WasmEdge_ModuleInstanceListMemoryLength(module), WasmEdge_ModuleInstanceListTableLength(module),
      WasmEdge_ModuleInstanceListGlobalLength(module));
  WasmEdge_MemoryInstanceContext *memory = WasmEdge_CallingFrameGetMemoryInstance(frame, 0);
  say("memory: %s, by name %s, second %s", yes(memory != NULL),
      yes(memory == WasmEdge_ModuleInstanceFindMemory(module, wrap("memory"))),
      yes(WasmEdge_CallingFrameGetMemoryInstance(frame, 1) != NULL));
  uint32_t pages = WasmEdge_MemoryInstanceGetPageSize(memory);
  uint8_t *base = WasmEdge_MemoryInstanceGetPointer(memory, 0, 1);
  say_result("grow", WasmEdge_MemoryInstanceGrowPage(memory, 1));
  say("pages: %u to %u, stays %s", pages, WasmEdge_MemoryInstanceGetPageSize(memory),
      yes(base == WasmEdge_MemoryInstanceGetPointer(memory, 0, 1)));
  say_result("grow too far", WasmEdge_MemoryInstanceGrowPage(memory, 100));
  say_limit("its type", WasmEdge_MemoryTypeGetLimit(WasmEdge_MemoryInstanceGetMemoryType(memory)));
  say_result("outside", WasmEdge_MemoryInstanceSetData(memory, (const uint8_t *)"x", 0xfffffff0, 1));

  WasmEdge_GlobalInstanceContext *counter = WasmEdge_ModuleInstanceFindGlobal(module, wrap("counter"));
  say("counter: %d", WasmEdge_ValueGetI32(WasmEdge_GlobalInstanceGetValue(counter)));
  say_result("set", WasmEdge_GlobalInstanceSetValue(counter, WasmEdge_ValueGenI32(42)));
  say_result("set other type", WasmEdge_GlobalInstanceSetValue(counter, WasmEdge_ValueGenF32(1)));
  WasmEdge_GlobalInstanceContext *fixed = WasmEdge_ModuleInstanceFindGlobal(module, wrap("fixed"));
  say("fixed: %lld", (long long)WasmEdge_ValueGetI64(WasmEdge_GlobalInstanceGetValue(fixed)));
  say_result("set constant", WasmEdge_GlobalInstanceSetValue(fixed, WasmEdge_ValueGenI64(1)));

  WasmEdge_TableInstanceContext *table = WasmEdge_ModuleInstanceFindTable(module, wrap("table"));
  WasmEdge_Value element;
  say("table: %u", WasmEdge_TableInstanceGetSize(table));
  say_type("of", WasmEdge_TableTypeGetRefType(WasmEdge_TableInstanceGetTableType(table)));
  say_result("get", WasmEdge_TableInstanceGetData(table, &element, 0));
  const WasmEdge_FunctionInstanceContext *twice = WasmEdge_ValueGetFuncRef(element);
  say("first is twice: %s", yes(twice == WasmEdge_ModuleInstanceFindFunction(module, wrap("twice"))));
  say_result("get outside", WasmEdge_TableInstanceGetData(table, &element, 100));
  say_result("set", WasmEdge_TableInstanceSetData(table, WasmEdge_ValueGenFuncRef(twice), 1));
  say_result("set extern", WasmEdge_TableInstanceSetData(table, WasmEdge_ValueGenExternRef(&used), 1));
  say_result("grow", WasmEdge_TableInstanceGrow(table, 1));
  say("table: %u", WasmEdge_TableInstanceGetSize(table));
  return WasmEdge_Result_Success;
}

FUNCTION(call_guest) {
  UNUSED;
  const WasmEdge_ModuleInstanceContext *module = WasmEdge_CallingFrameGetModuleInstance(frame);
  WasmEdge_ExecutorContext *executor = WasmEdge_CallingFrameGetExecutor(frame);
  WasmEdge_FunctionInstanceContext *twice = WasmEdge_ModuleInstanceFindFunction(module, wrap("twice"));
  const WasmEdge_FunctionTypeContext *type = WasmEdge_FunctionInstanceGetFunctionType(twice);
  say("twice: %u to %u", WasmEdge_FunctionTypeGetParametersLength(type), WasmEdge_FunctionTypeGetReturnsLength(type));
  WasmEdge_Value argument = WasmEdge_ValueGenI32(WasmEdge_ValueGetI32(in[0])), result = WasmEdge_ValueGenI64(-1);
  say_result("call", WasmEdge_ExecutorInvoke(executor, twice, &argument, 1, &result, 1));
  say("result: %d %s", WasmEdge_ValueGetI32(result), yes(WasmEdge_ValTypeIsI32(result.Type)));
  out[0] = result;
  say_result("without result", WasmEdge_ExecutorInvoke(executor, twice, &argument, 1, NULL, 0));
  say_result("without argument", WasmEdge_ExecutorInvoke(executor, twice, NULL, 0, &result, 1));
  WasmEdge_Value wrong = WasmEdge_ValueGenI64(1);
  say_result("with another type", WasmEdge_ExecutorInvoke(executor, twice, &wrong, 1, &result, 1));
  say_result("without function", WasmEdge_ExecutorInvoke(executor, NULL, &argument, 1, &result, 1));
  const char *traps[] = {
      "unreachable",
      "divide",
#ifndef UNDER_VALGRIND // which takes the faults that make these traps for errors
      "outside",
      "indirect",
#endif
  };
  for (size_t i = 0; i < sizeof traps / sizeof *traps; i++)
    say_result(traps[i], WasmEdge_ExecutorInvoke(executor, WasmEdge_ModuleInstanceFindFunction(module, wrap(traps[i])), NULL, 0, NULL, 0));
  // The guest calls another function of the plugin, which fails.
  say_result("nested failure", WasmEdge_ExecutorInvoke(executor, WasmEdge_ModuleInstanceFindFunction(module, wrap("fails")), NULL, 0, NULL, 0));
  WasmEdge_Async *later = WasmEdge_ExecutorAsyncInvoke(executor, twice, &argument, 1);
  WasmEdge_AsyncWait(later);
  say("async: %s %u", yes(WasmEdge_AsyncWaitFor(later, 1000)), WasmEdge_AsyncGetReturnsLength(later));
  say_result("async", WasmEdge_AsyncGet(later, &result, 1));
  say("result: %d", WasmEdge_ValueGetI32(result));
  WasmEdge_AsyncDelete(later);
  return WasmEdge_Result_Success;
}

FUNCTION(fail) {
  UNUSED;
  return WasmEdge_ResultGen(WasmEdge_ErrCategory_UserLevelError, 0x123);
}

// A function of the plugin, called by the plugin: its frame has the plugin's module.
FUNCTION(own_frame) {
  UNUSED;
  WasmEdge_String name = WasmEdge_ModuleInstanceGetModuleName(WasmEdge_CallingFrameGetModuleInstance(frame));
  say("own frame: %.*s, memory %u", (int)name.Length, name.Buf,
      WasmEdge_MemoryInstanceGetPageSize(WasmEdge_CallingFrameGetMemoryInstance(frame, 0)));
  out[0] = WasmEdge_ValueGenI64(WasmEdge_ValueGetI64(in[0]) + 1);
  return WasmEdge_Result_Success;
}

FUNCTION(call_own) {
  WasmEdge_FunctionInstanceContext *own =
      WasmEdge_ModuleInstanceFindFunction((WasmEdge_ModuleInstanceContext *)data, wrap("own_frame"));
  WasmEdge_Value argument = WasmEdge_ValueGenI64(1), result;
  say_result("call own", WasmEdge_ExecutorInvoke(WasmEdge_CallingFrameGetExecutor(frame), own, &argument, 1, &result, 1));
  say("result: %lld", (long long)WasmEdge_ValueGetI64(result));
  (void)in, (void)out;
  return WasmEdge_Result_Success;
}

static WasmEdge_Result bound(void *binding, void *data, const WasmEdge_CallingFrameContext *frame, const WasmEdge_Value *in,
                             const uint32_t in_length, WasmEdge_Value *out, const uint32_t out_length) {
  (void)frame;
  say("bound: %d %d, %u to %u", (int)(intptr_t)binding, (int)(intptr_t)data, in_length, out_length);
  out[0] = WasmEdge_ValueGenI32(WasmEdge_ValueGetI32(in[0]) - WasmEdge_ValueGetI32(in[1]));
  return WasmEdge_Result_Success;
}

FUNCTION(numbers) {
  UNUSED;
  for (int i = 0; i < 5; i++)
    say_type("parameter", in[i].Type);
  out[0] = WasmEdge_ValueGenV128(~WasmEdge_ValueGetV128(in[4]));
  out[1] = WasmEdge_ValueGenF64(WasmEdge_ValueGetF64(in[3]) * 2);
  out[2] = WasmEdge_ValueGenF32(WasmEdge_ValueGetF32(in[2]) * 2);
  out[3] = WasmEdge_ValueGenI64(-WasmEdge_ValueGetI64(in[1]));
  // More than fits: the low bits count, whatever the type says.
  out[4] = WasmEdge_ValueGenI64(0x1122334455667788ll + WasmEdge_ValueGetI32(in[0]));
  return WasmEdge_Result_Success;
}

FUNCTION(unset) {
  UNUSED;
  return WasmEdge_Result_Success;
}

static int thing = 5;

FUNCTION(make_extern) {
  UNUSED;
  out[0] = WasmEdge_ValueGenExternRef(WasmEdge_ValueGetI32(in[0]) ? &thing : NULL);
  return WasmEdge_Result_Success;
}

FUNCTION(take_extern) {
  UNUSED;
  int *found = WasmEdge_ValueGetExternRef(in[0]);
  say("extern: %d", found ? *found : -1);
  return WasmEdge_Result_Success;
}

FUNCTION(make_func) {
  UNUSED;
  WasmEdge_FunctionInstanceContext *own =
      WasmEdge_ModuleInstanceFindFunction((WasmEdge_ModuleInstanceContext *)data, wrap("bound"));
  out[0] = WasmEdge_ValueGenFuncRef(WasmEdge_ValueGetI32(in[0]) ? own : NULL);
  return WasmEdge_Result_Success;
}

FUNCTION(take_func) {
  WasmEdge_FunctionInstanceContext *own =
      WasmEdge_ModuleInstanceFindFunction((WasmEdge_ModuleInstanceContext *)data, wrap("bound"));
  const WasmEdge_FunctionInstanceContext *found = WasmEdge_ValueGetFuncRef(in[0]);
  say("function: null %s, own %s", yes(found == NULL), yes(found == own));
  if (found) {
    const WasmEdge_FunctionTypeContext *type = WasmEdge_FunctionInstanceGetFunctionType(found);
    uint32_t length = WasmEdge_FunctionTypeGetParametersLength(type);
    WasmEdge_Value arguments[2] = {WasmEdge_ValueGenI32(10), WasmEdge_ValueGenI32(3)}, result = WasmEdge_ValueGenI32(-1);
    say_result("call", WasmEdge_ExecutorInvoke(WasmEdge_CallingFrameGetExecutor(frame), found, arguments, length, &result, 1));
    say("result: %d", WasmEdge_ValueGetI32(result));
  }
  (void)out;
  return WasmEdge_Result_Success;
}

// Copies the text into the guest's memory, and forgets it.
FUNCTION(take) {
  (void)data;
  WasmEdge_MemoryInstanceContext *memory = WasmEdge_CallingFrameGetMemoryInstance(frame, 0);
  uint32_t most = (uint32_t)WasmEdge_ValueGetI32(in[1]), length = used < most ? (uint32_t)used : most;
  WasmEdge_Result result =
      WasmEdge_MemoryInstanceSetData(memory, (const uint8_t *)text, (uint32_t)WasmEdge_ValueGetI32(in[0]), length);
  out[0] = WasmEdge_ValueGenI32((int32_t)length);
  used = 0;
  return result;
}

// A type from digits: i32, i64, f32, f64, v128, funcref, externref.
static WasmEdge_FunctionTypeContext *type_of(const char *parameters, const char *results) {
  WasmEdge_ValType known[] = {WasmEdge_ValTypeGenI32(),     WasmEdge_ValTypeGenI64(),  WasmEdge_ValTypeGenF32(),
                              WasmEdge_ValTypeGenF64(),     WasmEdge_ValTypeGenV128(), WasmEdge_ValTypeGenFuncRef(),
                              WasmEdge_ValTypeGenExternRef()};
  WasmEdge_ValType in[8], out[8];
  uint32_t in_length = 0, out_length = 0;
  for (; parameters[in_length]; in_length++)
    in[in_length] = known[parameters[in_length] - '0'];
  for (; results[out_length]; out_length++)
    out[out_length] = known[results[out_length] - '0'];
  return WasmEdge_FunctionTypeCreate(in, in_length, out, out_length);
}

static WasmEdge_ModuleInstanceContext *create(const WasmEdge_ModuleDescriptor *descriptor) {
  (void)descriptor;
  WasmEdge_LogOff();
  WasmEdge_String name = WasmEdge_StringCreateByCString("transcript");
  WasmEdge_ModuleInstanceContext *module = WasmEdge_ModuleInstanceCreate(name);
  WasmEdge_StringDelete(name);
  static const struct {
    const char *name;
    WasmEdge_HostFunc_t function;
    const char *parameters, *results;
  } functions[] = {
      {"strings", strings, "", ""},
      {"types", types, "", ""},
      {"values", values, "", ""},
      {"memories", memories, "", ""},
      {"tables_and_globals", tables_and_globals, "", ""},
      {"modules", modules, "", ""},
      {"frame", frame_of_guest, "", ""},
      {"call_guest", call_guest, "0", "0"},
      {"fail", fail, "", ""},
      {"own_frame", own_frame, "1", "1"},
      {"call_own", call_own, "", ""},
      {"numbers", numbers, "01234", "43210"},
      {"unset", unset, "", "01"},
      {"make_extern", make_extern, "0", "6"},
      {"take_extern", take_extern, "6", ""},
      {"make_func", make_func, "0", "5"},
      {"take_func", take_func, "5", ""},
      {"take", take, "00", "0"},
  };
  for (size_t i = 0; i < sizeof functions / sizeof *functions; i++) {
    WasmEdge_FunctionTypeContext *type = type_of(functions[i].parameters, functions[i].results);
    WasmEdge_ModuleInstanceAddFunction(module, wrap(functions[i].name),
                                       WasmEdge_FunctionInstanceCreate(type, functions[i].function, module, 0));
    WasmEdge_FunctionTypeDelete(type);
  }
  WasmEdge_FunctionTypeContext *type = type_of("00", "0");
  WasmEdge_ModuleInstanceAddFunction(
      module, wrap("bound"), WasmEdge_FunctionInstanceCreateBinding(type, bound, (void *)7, (void *)8, 0));
  WasmEdge_FunctionTypeDelete(type);
  WasmEdge_MemoryTypeContext *memory = WasmEdge_MemoryTypeCreate((WasmEdge_Limit){.Min = 3});
  WasmEdge_ModuleInstanceAddMemory(module, wrap("own_memory"), WasmEdge_MemoryInstanceCreate(memory));
  WasmEdge_MemoryTypeDelete(memory);
  return module;
}

static WasmEdge_ModuleDescriptor module_descriptors[] = {
    {.Name = "transcript_module", .Description = "writes down what it sees", .Create = create}};
static WasmEdge_PluginDescriptor descriptor = {
    .Name = "transcript",
    .Description = "uses the API",
    .APIVersion = WasmEdge_Plugin_CurrentAPIVersion,
    .Version = {.Major = 1, .Minor = 2, .Patch = 3, .Build = 4},
    .ModuleCount = 1,
    .ModuleDescriptions = module_descriptors,
};

WASMEDGE_CAPI_PLUGIN_EXPORT const WasmEdge_PluginDescriptor *WasmEdge_Plugin_GetDescriptor(void) { return &descriptor; }
