// Uses the plugin API from end to end and writes down what it sees. The tests run it in WasmEdge and in C12 and
// compare the texts, so it does nothing that WasmEdge leaves undefined, and shows no addresses.

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <wasmedge/wasmedge.h>

static char text[1 << 16];
static size_t used;

static void say(const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  int written = vsnprintf(text + used, sizeof text - used, format, arguments);
  va_end(arguments);
  if (written > 0 && used + (size_t)written + 1 < sizeof text) {
    used += (size_t)written;
    text[used++] = '\n';
  }
}

static const char *yes(bool it_is) { return it_is ? "yes" : "no"; }
static WasmEdge_String wrap(const char *name) { return WasmEdge_StringWrap(name, (uint32_t)strlen(name)); }

static void say_type(const char *what, WasmEdge_ValType type) {
  // Byte 0 has no meaning.
  const uint8_t *data = type.Data;
  say("%s: %02x %02x %02x %02x%02x%02x%02x", what, data[1], data[2], data[3], data[4], data[5], data[6], data[7]);
}

static void say_result(const char *what, WasmEdge_Result result) {
  say("%s: %08x %s '%s'", what, result.Code, yes(WasmEdge_ResultOK(result)), WasmEdge_ResultGetMessage(result));
}

static void say_limit(const char *what, WasmEdge_Limit limit) {
  say("%s: max %s, shared %s, %u to %u", what, yes(limit.HasMax), yes(limit.Shared), limit.Min, limit.Max);
}

#define FUNCTION(name)                                                                                                 \
  static WasmEdge_Result name(void *data, const WasmEdge_CallingFrameContext *frame, const WasmEdge_Value *in,         \
                              WasmEdge_Value *out)
#define UNUSED (void)data, (void)frame, (void)in, (void)out

static WasmEdge_Result nothing(void *data, const WasmEdge_CallingFrameContext *frame, const WasmEdge_Value *in,
                               WasmEdge_Value *out) {
  UNUSED;
  return WasmEdge_Result_Success;
}

FUNCTION(strings) {
  UNUSED;
  WasmEdge_String made = WasmEdge_StringCreateByCString("hello");
  say("made: %u %.*s", made.Length, (int)made.Length, made.Buf);
  WasmEdge_String part = WasmEdge_StringCreateByBuffer("he\0lo", 5);
  say("with zero: %u %d", part.Length, part.Buf[2]);
  say("equal: %s %s %s", yes(WasmEdge_StringIsEqual(made, wrap("hello"))), yes(WasmEdge_StringIsEqual(made, part)),
      yes(WasmEdge_StringIsEqual(WasmEdge_StringWrap(NULL, 0), wrap(""))));
  char buffer[8];
  memset(buffer, 'x', sizeof buffer);
  uint32_t copied = WasmEdge_StringCopy(made, buffer, 3);
  say("copied %u: %.8s", copied, buffer);
  memset(buffer, 'x', sizeof buffer);
  copied = WasmEdge_StringCopy(wrap("hi"), buffer, 5);
  say("copied %u: %d %d %d %d", copied, buffer[1], buffer[2], buffer[4], buffer[5]);
  WasmEdge_StringDelete(made);
  WasmEdge_StringDelete(part);
  const char *nothings[] = {"", NULL};
  for (int i = 0; i < 2; i++) {
    WasmEdge_String empty = WasmEdge_StringCreateByCString(nothings[i]);
    say("empty: %u %s", empty.Length, yes(empty.Buf == NULL));
    WasmEdge_StringDelete(empty);
  }
  WasmEdge_Bytes bytes = WasmEdge_BytesCreate((const uint8_t *)"\1\2\3", 3);
  say("bytes: %u %d %d", bytes.Length, bytes.Buf[0], bytes.Buf[2]);
  WasmEdge_BytesDelete(bytes);
  bytes = WasmEdge_BytesWrap((const uint8_t *)"ab", 2);
  say("wrapped: %u %c", bytes.Length, bytes.Buf[1]);
  say("version: %s %u %u %u", WasmEdge_VersionGet(), WasmEdge_VersionGetMajor(), WasmEdge_VersionGetMinor(),
      WasmEdge_VersionGetPatch());
  return WasmEdge_Result_Success;
}

FUNCTION(types) {
  UNUSED;
  WasmEdge_ValType all[] = {WasmEdge_ValTypeGenI32(),     WasmEdge_ValTypeGenI64(),      WasmEdge_ValTypeGenF32(),
                            WasmEdge_ValTypeGenF64(),     WasmEdge_ValTypeGenV128(),     WasmEdge_ValTypeGenFuncRef(),
                            WasmEdge_ValTypeGenExternRef()};
  for (int i = 0; i < 7; i++) {
    say_type("type", all[i]);
    say("is: %d %d %d %d %d %d %d %d %d", WasmEdge_ValTypeIsI32(all[i]), WasmEdge_ValTypeIsI64(all[i]),
        WasmEdge_ValTypeIsF32(all[i]), WasmEdge_ValTypeIsF64(all[i]), WasmEdge_ValTypeIsV128(all[i]),
        WasmEdge_ValTypeIsFuncRef(all[i]), WasmEdge_ValTypeIsExternRef(all[i]), WasmEdge_ValTypeIsRef(all[i]),
        WasmEdge_ValTypeIsRefNull(all[i]));
    say("equal to the first: %s", yes(WasmEdge_ValTypeIsEqual(all[0], all[i])));
  }
  WasmEdge_FunctionTypeContext *function = WasmEdge_FunctionTypeCreate(all, 3, all + 3, 1);
  WasmEdge_ValType found[4];
  say("parameters: %u of %u", WasmEdge_FunctionTypeGetParameters(function, found, 2),
      WasmEdge_FunctionTypeGetParametersLength(function));
  say_type("second", found[1]);
  say("results: %u of %u", WasmEdge_FunctionTypeGetReturns(function, found, 4),
      WasmEdge_FunctionTypeGetReturnsLength(function));
  say_type("result", found[0]);
  WasmEdge_FunctionTypeDelete(function);
  say("none: %u %u", WasmEdge_FunctionTypeGetParametersLength(NULL), WasmEdge_FunctionTypeGetReturns(NULL, found, 1));

  say("table of numbers: %s", yes(WasmEdge_TableTypeCreate(all[0], (WasmEdge_Limit){0}) == NULL));
  WasmEdge_TableTypeContext *table =
      WasmEdge_TableTypeCreate(all[6], (WasmEdge_Limit){.HasMax = false, .Shared = true, .Min = 2, .Max = 9});
  say_limit("table", WasmEdge_TableTypeGetLimit(table));
  say_type("of", WasmEdge_TableTypeGetRefType(table));
  WasmEdge_TableTypeDelete(table);
  say_limit("no table", WasmEdge_TableTypeGetLimit(NULL));
  say_type("of", WasmEdge_TableTypeGetRefType(NULL));

  WasmEdge_MemoryTypeContext *memory = WasmEdge_MemoryTypeCreate((WasmEdge_Limit){.HasMax = false, .Shared = true, .Min = 1});
  say_limit("memory", WasmEdge_MemoryTypeGetLimit(memory));
  WasmEdge_MemoryTypeDelete(memory);
  WasmEdge_GlobalTypeContext *global = WasmEdge_GlobalTypeCreate(all[1], WasmEdge_Mutability_Var);
  say_type("global", WasmEdge_GlobalTypeGetValType(global));
  say("mutability: %d %d", WasmEdge_GlobalTypeGetMutability(global), WasmEdge_GlobalTypeGetMutability(NULL));
  WasmEdge_GlobalTypeDelete(global);
  say("limits: %s %s",
      yes(WasmEdge_LimitIsEqual((WasmEdge_Limit){.Min = 1, .Max = 2}, (WasmEdge_Limit){.Min = 1, .Max = 3})),
      yes(WasmEdge_LimitIsEqual((WasmEdge_Limit){.Min = 1}, (WasmEdge_Limit){.Min = 1})));
  return WasmEdge_Result_Success;
}

FUNCTION(values) {
  UNUSED;
  say("i32: %d %d", WasmEdge_ValueGetI32(WasmEdge_ValueGenI32(-5)), WasmEdge_ValueGetI32(WasmEdge_ValueGenI64(0x1ffffffffll)));
  say("i64: %lld %lld", (long long)WasmEdge_ValueGetI64(WasmEdge_ValueGenI64(-6)),
      (long long)WasmEdge_ValueGetI64(WasmEdge_ValueGenI32(-1)));
  say("f32: %g %d", WasmEdge_ValueGetF32(WasmEdge_ValueGenF32(1.5f)), WasmEdge_ValueGetI32(WasmEdge_ValueGenF32(1.0f)));
  say("f64: %g %llx", WasmEdge_ValueGetF64(WasmEdge_ValueGenF64(-0.25)),
      (long long)WasmEdge_ValueGetI64(WasmEdge_ValueGenF64(1.0)));
  int128_t wide = WasmEdge_ValueGetV128(WasmEdge_ValueGenV128(((int128_t)0x1122334455667788ll << 64) | 0x99));
  say("v128: %llx %llx", (long long)(wide >> 64), (long long)wide);
  int target;
  WasmEdge_Value external = WasmEdge_ValueGenExternRef(&target);
  say("extern: %s %s", yes(WasmEdge_ValueGetExternRef(external) == &target), yes(WasmEdge_ValueIsNullRef(external)));
  say("null: %s %s %s", yes(WasmEdge_ValueIsNullRef(WasmEdge_ValueGenExternRef(NULL))),
      yes(WasmEdge_ValueIsNullRef(WasmEdge_ValueGenFuncRef(NULL))),
      yes(WasmEdge_ValueGetFuncRef(WasmEdge_ValueGenFuncRef(NULL)) == NULL));
  say_type("extern", external.Type);
  say_result("success", WasmEdge_Result_Success);
  say_result("terminate", WasmEdge_Result_Terminate);
  say_result("fail", WasmEdge_Result_Fail);
  uint32_t codes[] = {0x03, 0x04, 0x07, 0x0a, 0x403, 0x404, 0x408, 0x40a, 0x40d, 0x40e, 0x40f, 0x419};
  for (size_t i = 0; i < sizeof codes / sizeof *codes; i++)
    say_result("code", WasmEdge_ResultGen(WasmEdge_ErrCategory_WASM, codes[i]));
  WasmEdge_Result own = WasmEdge_ResultGen(WasmEdge_ErrCategory_UserLevelError, 0x01000005);
  say_result("own", own);
  say("parts: %d %x", WasmEdge_ResultGetCategory(own), WasmEdge_ResultGetCode(own));
  say_result("own zero", WasmEdge_ResultGen(WasmEdge_ErrCategory_UserLevelError, 0));
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

enum { I32, I64, F32, F64, V128, FUNC, EXTERN };

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
