//! Functions that plugins can name but not use: those that run WebAssembly themselves, load it, compile it, or look for
//! plugins. A plugin is called by a runtime; it is not one. Each says so in the log, once, and answers as WasmEdge does
//! when it fails: with the code for a wrong workflow, NULL, zero, or nothing.

use crate::abi::guard::failed_once;
use crate::abi::{Code, Text};

/// What a function answers, by what it returns in C.
macro_rules! answer {
    // Pointers, numbers, truth values, and nothing: all come in the same register.
    (zero) => {
        u64
    };
    (one) => {
        Exit
    };
    (code) => {
        Code
    };
    (text) => {
        Text
    };
    (float) => {
        f64
    };
}

/// The exit code of a program that failed.
#[repr(transparent)]
struct Exit(#[allow(dead_code)] u64);

impl Default for Exit {
    fn default() -> Self {
        Exit(1)
    }
}

macro_rules! refuse {
    ($($class:ident: $($name:literal)*;)*) => {
        vec![$($({
            extern "C" fn refuse() -> answer!($class) {
                failed_once($name, "C12 does not provide this function to plugins");
                Default::default()
            }
            ($name, refuse as *const () as usize)
        },)*)*]
    };
}

/// Their names and addresses.
pub(super) fn refused() -> Vec<(&'static str, usize)> {
    refuse! {
        code:
            "WasmEdge_CompilerCompile"
            "WasmEdge_CompilerCompileFromBuffer"
            "WasmEdge_CompilerCompileFromBytes"
            "WasmEdge_ExecutorInstantiate"
            "WasmEdge_ExecutorRegister"
            "WasmEdge_ExecutorRegisterImport"
            "WasmEdge_LoaderParseFromBuffer"
            "WasmEdge_LoaderParseFromBytes"
            "WasmEdge_LoaderParseFromFile"
            "WasmEdge_LoaderSerializeASTModule"
            "WasmEdge_VMExecute"
            "WasmEdge_VMExecuteRegistered"
            "WasmEdge_VMInstantiate"
            "WasmEdge_VMLoadWasmFromASTModule"
            "WasmEdge_VMLoadWasmFromBuffer"
            "WasmEdge_VMLoadWasmFromBytes"
            "WasmEdge_VMLoadWasmFromFile"
            "WasmEdge_VMRegisterModuleFromASTModule"
            "WasmEdge_VMRegisterModuleFromBuffer"
            "WasmEdge_VMRegisterModuleFromBytes"
            "WasmEdge_VMRegisterModuleFromFile"
            "WasmEdge_VMRegisterModuleFromImport"
            "WasmEdge_VMRunWasmFromASTModule"
            "WasmEdge_VMRunWasmFromBuffer"
            "WasmEdge_VMRunWasmFromBytes"
            "WasmEdge_VMRunWasmFromFile"
            "WasmEdge_VMValidate"
            "WasmEdge_ValidatorValidate"
            ;
        text:
            "WasmEdge_ExportTypeGetExternalName"
            "WasmEdge_ImportTypeGetExternalName"
            "WasmEdge_ImportTypeGetModuleName"
            "WasmEdge_PluginGetPluginName"
            ;
        float:
            "WasmEdge_StatisticsGetInstrPerSecond"
            ;
        one:
            "WasmEdge_Driver_Compiler"
            "WasmEdge_Driver_Tool"
            "WasmEdge_Driver_UniTool"
            ;
        zero:
            "WasmEdge_ASTModuleDelete"
            "WasmEdge_ASTModuleListExports"
            "WasmEdge_ASTModuleListExportsLength"
            "WasmEdge_ASTModuleListImports"
            "WasmEdge_ASTModuleListImportsLength"
            "WasmEdge_CompilerCreate"
            "WasmEdge_CompilerDelete"
            "WasmEdge_ConfigureAddHostRegistration"
            "WasmEdge_ConfigureAddProposal"
            "WasmEdge_ConfigureCompilerGetOptimizationLevel"
            "WasmEdge_ConfigureCompilerGetOutputFormat"
            "WasmEdge_ConfigureCompilerIsDumpIR"
            "WasmEdge_ConfigureCompilerIsGenericBinary"
            "WasmEdge_ConfigureCompilerIsInterruptible"
            "WasmEdge_ConfigureCompilerSetDumpIR"
            "WasmEdge_ConfigureCompilerSetGenericBinary"
            "WasmEdge_ConfigureCompilerSetInterruptible"
            "WasmEdge_ConfigureCompilerSetOptimizationLevel"
            "WasmEdge_ConfigureCompilerSetOutputFormat"
            "WasmEdge_ConfigureCreate"
            "WasmEdge_ConfigureDelete"
            "WasmEdge_ConfigureGetMaxMemoryPage"
            "WasmEdge_ConfigureHasHostRegistration"
            "WasmEdge_ConfigureHasProposal"
            "WasmEdge_ConfigureIsAllowAFUNIX"
            "WasmEdge_ConfigureIsForceInterpreter"
            "WasmEdge_ConfigureRemoveHostRegistration"
            "WasmEdge_ConfigureRemoveProposal"
            "WasmEdge_ConfigureSetAllowAFUNIX"
            "WasmEdge_ConfigureSetForceInterpreter"
            "WasmEdge_ConfigureSetMaxMemoryPage"
            "WasmEdge_ConfigureSetWASMStandard"
            "WasmEdge_ConfigureStatisticsIsCostMeasuring"
            "WasmEdge_ConfigureStatisticsIsInstructionCounting"
            "WasmEdge_ConfigureStatisticsIsTimeMeasuring"
            "WasmEdge_ConfigureStatisticsSetCostMeasuring"
            "WasmEdge_ConfigureStatisticsSetInstructionCounting"
            "WasmEdge_ConfigureStatisticsSetTimeMeasuring"
            "WasmEdge_ExecutorCreate"
            "WasmEdge_ExecutorExperimentalRegisterPostHostFunction"
            "WasmEdge_ExecutorExperimentalRegisterPreHostFunction"
            "WasmEdge_ExportTypeGetExternalType"
            "WasmEdge_ExportTypeGetFunctionType"
            "WasmEdge_ExportTypeGetGlobalType"
            "WasmEdge_ExportTypeGetMemoryType"
            "WasmEdge_ExportTypeGetTableType"
            "WasmEdge_ExportTypeGetTagType"
            "WasmEdge_ImportTypeGetExternalType"
            "WasmEdge_ImportTypeGetFunctionType"
            "WasmEdge_ImportTypeGetGlobalType"
            "WasmEdge_ImportTypeGetMemoryType"
            "WasmEdge_ImportTypeGetTableType"
            "WasmEdge_ImportTypeGetTagType"
            "WasmEdge_LoaderCreate"
            "WasmEdge_LoaderDelete"
            "WasmEdge_LogSetCallback"
            "WasmEdge_ModuleInstanceCreateWASI"
            "WasmEdge_ModuleInstanceCreateWASIWithFds"
            "WasmEdge_ModuleInstanceInitWASI"
            "WasmEdge_ModuleInstanceInitWASIWithFds"
            "WasmEdge_ModuleInstanceInitWasmEdgeProcess"
            "WasmEdge_PluginCreateModule"
            "WasmEdge_PluginFind"
            "WasmEdge_PluginInitWASINN"
            "WasmEdge_PluginListModule"
            "WasmEdge_PluginListModuleLength"
            "WasmEdge_PluginListPlugins"
            "WasmEdge_PluginListPluginsLength"
            "WasmEdge_PluginLoadFromPath"
            "WasmEdge_PluginLoadWithDefaultPaths"
            "WasmEdge_StatisticsClear"
            "WasmEdge_StatisticsCreate"
            "WasmEdge_StatisticsDelete"
            "WasmEdge_StatisticsGetInstrCount"
            "WasmEdge_StatisticsGetTotalCost"
            "WasmEdge_StatisticsSetCostLimit"
            "WasmEdge_StatisticsSetCostTable"
            "WasmEdge_StoreCreate"
            "WasmEdge_StoreDelete"
            "WasmEdge_StoreFindModule"
            "WasmEdge_StoreListModule"
            "WasmEdge_StoreListModuleLength"
            "WasmEdge_VMAsyncExecute"
            "WasmEdge_VMAsyncExecuteRegistered"
            "WasmEdge_VMAsyncRunWasmFromASTModule"
            "WasmEdge_VMAsyncRunWasmFromBuffer"
            "WasmEdge_VMAsyncRunWasmFromBytes"
            "WasmEdge_VMAsyncRunWasmFromFile"
            "WasmEdge_VMCleanup"
            "WasmEdge_VMCreate"
            "WasmEdge_VMDelete"
            "WasmEdge_VMForceDeleteRegisteredModule"
            "WasmEdge_VMGetActiveModule"
            "WasmEdge_VMGetExecutorContext"
            "WasmEdge_VMGetFunctionList"
            "WasmEdge_VMGetFunctionListLength"
            "WasmEdge_VMGetFunctionType"
            "WasmEdge_VMGetFunctionTypeRegistered"
            "WasmEdge_VMGetImportModuleContext"
            "WasmEdge_VMGetLoaderContext"
            "WasmEdge_VMGetRegisteredModule"
            "WasmEdge_VMGetStatisticsContext"
            "WasmEdge_VMGetStoreContext"
            "WasmEdge_VMGetValidatorContext"
            "WasmEdge_VMListRegisteredModule"
            "WasmEdge_VMListRegisteredModuleLength"
            "WasmEdge_ValidatorCreate"
            "WasmEdge_ValidatorDelete"
            ;
    }
}
