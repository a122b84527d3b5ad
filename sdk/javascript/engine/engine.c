// The JavaScript engine of handlers: QuickJS-ng, three entry points, and the primitives that the web API layer
// (../runtime/) is made of. quickjs.c is included, not linked, so that its clock and its stack limit can be set here.
//
//     trisiel_compile_layer  compiles the web API layer: source on standard input, bytecode on standard output
//     trisiel_prepare        takes that bytecode on standard input; both run once, when the engine is built
//     trisiel_initialize     reads a bundle from standard input and evaluates it; runs when a handler is built
//     _start                 answers one request
//
// All but _start run before a snapshot is taken (olin/snapshot/). Each request starts in the memory that they left.
#include "cutils.h"

static int64_t clock_us(void);
#define js__gettimeofday_us clock_us
#include "quickjs.c"
#undef js__gettimeofday_us

#include "host.h"

extern void __wasm_call_ctors(void);

// The C library would draw a random guard when it starts. Its constructors run before the snapshot, where nothing is random.
uintptr_t __stack_chk_guard = 0x57a7ca4d;
_Noreturn void __stack_chk_fail(void) { __builtin_trap(); }

// The stack lies below the static data: an overflow that the limit misses leaves the memory, and traps.
#define STACK_LIMIT (64 * 1024)

static JSRuntime *runtime;
static JSContext *context;
// The functions of the web API layer, see ../runtime/main.ts.
static JSValue initialize_function, answer_function, step_function, describe_function;
static bool is_answering;

// QuickJS seeds the hashes of a context by the time. A constant keeps the gas of a request the same.
static int64_t clock_us(void) { return is_answering ? (int64_t)(host_clock_ns(0) / 1000) : 1; }

// ---- Memory. What is freed before a snapshot is cleared, so that the image has no garbage in it.

static void *allocate_zeroed(void *opaque, size_t count, size_t size) { return calloc(count, size); }
static void *allocate(void *opaque, size_t size) { return malloc(size); }
static size_t size_of(const void *pointer) { return malloc_usable_size((void *)pointer); }

static void release(void *opaque, void *pointer) {
  if (pointer == NULL) return;
  if (!is_answering) clear(pointer, malloc_usable_size(pointer));
  free(pointer);
}

static void *reallocate(void *opaque, void *pointer, size_t size) {
  if (is_answering || pointer == NULL) return realloc(pointer, size);
  if (size == 0) return release(opaque, pointer), NULL;
  size_t before = malloc_usable_size(pointer);
  if (size <= before && size > before / 2) return pointer;
  void *moved = malloc(size);
  if (moved == NULL) return NULL;
  memcpy(moved, pointer, size < before ? size : before);
  release(opaque, pointer);
  return moved;
}

static const JSMallocFunctions allocator = {allocate_zeroed, allocate, release, reallocate, size_of};

// ---- Failures before a request: the message goes to standard error, which the snapshot tool reports, and the module traps.

static void print_value(JSValueConst value) {
  const char *text = JS_ToCString(context, value);
  if (text != NULL) host_complain(text, strlen(text));
  JS_FreeCString(context, text);
}

static _Noreturn void give_up(void) {
  JSValue error = JS_GetException(context);
  if (JS_IsFunction(context, describe_function)) {
    JSValue text = JS_Call(context, describe_function, JS_UNDEFINED, 1, &error);
    print_value(text);
  } else print_value(error);
  __builtin_trap();
}

static JSValue check(JSValue value) {
  if (JS_IsException(value)) give_up();
  return value;
}

static void run_jobs(void) {
  JSContext *of;
  int status;
  while ((status = JS_ExecutePendingJob(runtime, &of)) > 0) {
  }
  if (status < 0) give_up();
}

// ---- Clocks and chance, which have no value before a request.

static bool needs_request(JSContext *ctx, const char *what) {
  if (is_answering) return false;
  JS_ThrowTypeError(ctx,
                    "%s is not available while the module is initialized: it would be the same in all requests. "
                    "Call it in fetch()",
                    what);
  return true;
}

static JSValue date_now_checked(JSContext *ctx, JSValueConst this_val, int argc, JSValueConst *argv) {
  return needs_request(ctx, "Date.now()") ? JS_EXCEPTION : js_int64(clock_us() / 1000);
}

static JSValue date_constructor_checked(JSContext *ctx, JSValueConst new_target, int argc, JSValueConst *argv) {
  bool reads_clock = argc == 0 || JS_IsUndefined(new_target);
  if (reads_clock && needs_request(ctx, "new Date()")) return JS_EXCEPTION;
  return js_date_constructor(ctx, new_target, argc, argv);
}

static JSValue math_random(JSContext *ctx, JSValueConst this_val, int argc, JSValueConst *argv) {
  static bool is_seeded;
  if (needs_request(ctx, "Math.random()")) return JS_EXCEPTION;
  if (!is_seeded) {
    host_random(&ctx->random_state, sizeof ctx->random_state);
    if (ctx->random_state == 0) ctx->random_state = 1;
    is_seeded = true;
  }
  return js_math_random(ctx, this_val, argc, argv);
}

static void guard_clock_and_chance(JSContext *ctx) {
  JSValue global = JS_GetGlobalObject(ctx);
  JSValue date = JS_GetPropertyStr(ctx, global, "Date");
  JS_VALUE_GET_OBJ(date)->u.cfunc.c_function.generic = date_constructor_checked;
  JS_DefinePropertyValueStr(ctx, date, "now", JS_NewCFunction(ctx, date_now_checked, "now", 0),
                            JS_PROP_WRITABLE | JS_PROP_CONFIGURABLE);
  JSValue math = JS_GetPropertyStr(ctx, global, "Math");
  JS_DefinePropertyValueStr(ctx, math, "random", JS_NewCFunction(ctx, math_random, "random", 0),
                            JS_PROP_WRITABLE | JS_PROP_CONFIGURABLE);
  JS_FreeValue(ctx, math);
  JS_FreeValue(ctx, date);
  JS_FreeValue(ctx, global);
}

#include "primitives.h"

// ---- Code. It is compiled to bytecode and read back, which drops the source text.

// Bytecode of the source: a global script, or a module. NULL with an exception if it does not parse.
static uint8_t *compile(const char *source, size_t length, const char *name, int type, size_t *size) {
  JSValue code = JS_Eval(context, source, length, name, type | JS_EVAL_FLAG_COMPILE_ONLY);
  if (JS_IsException(code)) return NULL;
  uint8_t *bytes = JS_WriteObject(context, size, code, JS_WRITE_OBJ_BYTECODE | JS_WRITE_OBJ_STRIP_SOURCE);
  if (type == JS_EVAL_TYPE_MODULE) js_free_module_def(context, JS_VALUE_GET_PTR(code));
  else JS_FreeValue(context, code);
  return bytes;
}

static void limit_stack(void) {
  runtime->stack_top = js_get_stack_pointer();
  runtime->stack_limit = STACK_LIMIT;
}

static void make_context(void) {
  __wasm_call_ctors();
  runtime = JS_NewRuntime2(&allocator, NULL);
  if (runtime == NULL) __builtin_trap();
  limit_stack();
  context = JS_NewContextRaw(runtime);
  // All that JS_NewContext adds but its `performance`, which reads a clock.
  if (context == NULL || JS_AddIntrinsicBaseObjects(context) || JS_AddIntrinsicDate(context) ||
      JS_AddIntrinsicEval(context) || JS_AddIntrinsicRegExp(context) || JS_AddIntrinsicJSON(context) ||
      JS_AddIntrinsicProxy(context) || JS_AddIntrinsicMapSet(context) || JS_AddIntrinsicTypedArrays(context) ||
      JS_AddIntrinsicPromise(context) || JS_AddIntrinsicWeakRef(context) || JS_AddIntrinsicAToB(context)) {
    __builtin_trap();
  }
}

EXPORT("trisiel_compile_layer") void trisiel_compile_layer(void) {
  make_context();
  size_t length, size;
  char *source = host_read_all(&length);
  uint8_t *bytes = compile(source, length, "trisiel:runtime", JS_EVAL_TYPE_GLOBAL, &size);
  if (bytes == NULL) give_up();
  host_write(1, bytes, size);
}

EXPORT("trisiel_prepare") void trisiel_prepare(void) {
  make_context();
  guard_clock_and_chance(context);
  size_t length;
  uint8_t *bytes = (uint8_t *)host_read_all(&length);
  JSValue code = check(JS_ReadObject(context, bytes, length, JS_READ_OBJ_BYTECODE));
  clear(bytes, length);
  free(bytes);
  JSValue make = check(JS_EvalFunction(context, code));
  JSValue primitives = make_primitives(context);
  JSValue made = check(JS_Call(context, make, JS_UNDEFINED, 1, &primitives));
  initialize_function = JS_GetPropertyStr(context, made, "initialize");
  answer_function = JS_GetPropertyStr(context, made, "answer");
  step_function = JS_GetPropertyStr(context, made, "step");
  describe_function = JS_GetPropertyStr(context, made, "describe");
  run_jobs();
  JS_FreeValue(context, made);
  JS_FreeValue(context, primitives);
  JS_FreeValue(context, make);
  JS_RunGC(runtime);
}

// `import … from 'trisiel'` finds what the web API layer gives under that name; the bundler resolved all other imports.
static JSValue own_module;

static int fill_own_module(JSContext *ctx, JSModuleDef *module) {
  static const char *const names[] = {"open", "log", "env"};
  for (size_t i = 0; i < countof(names); i++) {
    JS_SetModuleExport(ctx, module, names[i], JS_GetPropertyStr(ctx, own_module, names[i]));
  }
  return 0;
}

static JSModuleDef *load_module(JSContext *ctx, const char *name, void *opaque) {
  if (strcmp(name, "trisiel") != 0) {
    JS_ThrowReferenceError(ctx, "there is no module \"%s\" here: only \"trisiel\" is built in", name);
    return NULL;
  }
  JSModuleDef *module = JS_NewCModule(ctx, name, fill_own_module);
  JS_AddModuleExport(ctx, module, "open");
  JS_AddModuleExport(ctx, module, "log");
  JS_AddModuleExport(ctx, module, "env");
  return module;
}

// Standard input: four bytes, then either the source of a module, whose bytecode goes to standard output, if they are
// COMPILE; or bytecode of the length that they are, and its source map (JSON, may be empty). Compiling happens in an
// instance of its own, so that the image has no holes where the compiler worked.
#define COMPILE 0xffffffffu

EXPORT("trisiel_initialize") void trisiel_initialize(void) {
  limit_stack();
  size_t length, size;
  char *input = host_read_all(&length);
  uint32_t code_length;
  if (length < sizeof code_length) __builtin_trap();
  memcpy(&code_length, input, sizeof code_length);
  char *code = input + sizeof code_length;
  JS_SetModuleLoaderFunc(runtime, NULL, load_module, NULL);
  if (code_length == COMPILE) {
    uint8_t *bytes = compile(code, length - sizeof code_length, "handler.js", JS_EVAL_TYPE_MODULE, &size);
    if (bytes == NULL) give_up();
    host_write(1, bytes, size);
    return;
  }
  if (code_length > length - sizeof code_length) __builtin_trap();
  JSValue map = JS_NewStringLen(context, code + code_length, length - sizeof code_length - code_length);
  JSValue module = check(JS_ReadObject(context, (uint8_t *)code, code_length, JS_READ_OBJ_BYTECODE));
  clear(input, length);
  free(input);
  // The map comes before the module runs, so that an error names its place in the source.
  own_module = check(JS_Call(context, initialize_function, JS_UNDEFINED, 1, &map));
  JS_FreeValue(context, map);
  if (JS_ResolveModule(context, module) < 0) give_up();
  JSModuleDef *definition = JS_VALUE_GET_PTR(module);
  JSValue evaluated = check(JS_EvalFunction(context, module));
  run_jobs();
  if (JS_PromiseState(context, evaluated) == JS_PROMISE_REJECTED) {
    JS_Throw(context, JS_PromiseResult(context, evaluated));
    give_up();
  }
  if (JS_PromiseState(context, evaluated) == JS_PROMISE_PENDING) {
    JS_ThrowTypeError(context, "An await at the top level waits for a promise that nothing settles");
    give_up();
  }
  JS_FreeValue(context, evaluated);
  JSValue namespace = check(JS_GetModuleNamespace(context, definition));
  JS_FreeValue(context, check(JS_Call(context, initialize_function, JS_UNDEFINED, 1, &namespace)));
  JS_FreeValue(context, namespace);
  run_jobs();
  JS_RunGC(runtime);
  // A short request needs no collection: it begins once the heap has doubled, and half a megabyte more.
  JS_SetGCThreshold(runtime, runtime->malloc_state.malloc_size * 2 + 512 * 1024);
}

EXPORT("_start") void start(void) {
  limit_stack();
  is_answering = true;
  JS_FreeValue(context, check(JS_Call(context, answer_function, JS_UNDEFINED, 0, NULL)));
  for (;;) {
    run_jobs();
    JSValue more = check(JS_Call(context, step_function, JS_UNDEFINED, 0, NULL));
    if (!JS_ToBool(context, more)) return;
  }
}
