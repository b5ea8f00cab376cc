// The part of `transcript` about strings, types, values and results.

#include "transcript.h"

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
