use super::Framework;

/// A package of PyPI in an exact version, of which some files are used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Package {
    /// Its name.
    pub name: &'static str,
    /// Its version.
    pub version: &'static str,
    /// Its licence, as SPDX spells it where it can.
    pub licence: &'static str,
    /// How much is fetched, in bytes, about.
    pub size: u64,
    /// What its file has, in hexadecimal digits.
    pub(crate) sha256: &'static str,
    /// For pip: the platforms that it was made for.
    pub(crate) platforms: &'static [&'static str],
    /// Patterns of the files that are unpacked.
    pub(crate) files: &'static [&'static str],
}

/// The Python that the packages are for. Nothing of Python in them is used; but there is a file for each.
pub(crate) const PYTHON: &str = "3.11";

const ONNX: [&str; 3] = [
    "onnxruntime/capi/libonnxruntime.so*",
    "onnxruntime/LICENSE",
    "onnxruntime/ThirdPartyNotices.txt",
];

const OPENVINO: [&str; 10] = [
    "openvino/libs/libopenvino.so*",
    "openvino/libs/libopenvino_c.so*",
    "openvino/libs/libopenvino_*_cpu_plugin.so",
    "openvino/libs/libopenvino_intel_gpu_plugin.so",
    "openvino/libs/libopenvino_ir_frontend.so*",
    "openvino/libs/libopenvino_onnx_frontend.so*",
    "openvino/libs/libopenvino_tensorflow_lite_frontend.so*",
    "openvino/libs/libtbb*",
    "openvino/libs/libhwloc*",
    "openvino-*.dist-info/licenses/*",
];

const TFLITE: [&str; 2] = [
    "ai_edge_litert/libLiteRt.so",
    "ai_edge_litert-*.dist-info/licenses/LICENSE",
];

const TORCH: [&str; 6] = [
    "torch/lib/libtorch_cpu.so",
    "torch/lib/libc10.so",
    "torch/lib/libgomp*",
    "torch.libs/*",
    // Needed until the library in between is made.
    "torch/include/*",
    "torch-*.dist-info/licenses/LICENSE",
];

#[cfg(all(target_os = "linux", target_arch = "x86_64"))]
pub(super) fn of(framework: Framework) -> Vec<&'static Package> {
    static ONNX_RUNTIME: Package = Package {
        name: "onnxruntime",
        version: "1.31.1",
        licence: "MIT",
        size: 24 << 20,
        sha256: "5752bd508126ae7c49894d3b9d2e83f0c3d487319246d04c444b393308d7ad7f",
        platforms: &["manylinux_2_28_x86_64", "manylinux_2_27_x86_64"],
        files: &ONNX,
    };
    static OPEN_VINO: Package = Package {
        name: "openvino",
        version: "2026.4.1",
        licence: "Apache-2.0",
        size: 59 << 20,
        sha256: "2d22b1da03f7caf74df30e9f6417d0ab2f637e4a38e08e1dcd294d2c37407aaf",
        platforms: &["manylinux_2_28_x86_64"],
        files: &OPENVINO,
    };
    static LITERT: Package = Package {
        name: "ai-edge-litert",
        version: "2.3.0",
        licence: "Apache-2.0",
        size: 22 << 20,
        sha256: "1f15078a6725d2357d9de9221664c29afa0545d807559c5f7199ce5e40b96b23",
        platforms: &["manylinux_2_27_x86_64"],
        files: &TFLITE,
    };
    // What PyPI has for this machine can use graphics processors of NVIDIA, and does not load without these two
    // small libraries of theirs, even where there is no such processor. The large ones are not needed.
    static TORCH_: Package = Package {
        name: "torch",
        version: "2.15.0",
        licence: "BSD-3-Clause",
        size: 539 << 20,
        sha256: "48c2d861134c0b5697c7602cb5ffa68f62a2989fdcd1717e593356f67996ca1e",
        platforms: &["manylinux_2_28_x86_64"],
        files: &TORCH,
    };
    static CUDART: Package = Package {
        name: "nvidia-cuda-runtime",
        version: "13.2.86",
        licence: "LicenseRef-NVIDIA-Proprietary",
        size: 2 << 20,
        sha256: "3498247680dfddce31bad102af7e3e26fc795342a3cac64722bb0fa95e7f60f0",
        platforms: &["manylinux2014_x86_64", "manylinux_2_17_x86_64"],
        files: &[
            "nvidia/cu13/lib/libcudart.so*",
            "nvidia_cuda_runtime-*.dist-info/licenses/*",
        ],
    };
    static CUPTI: Package = Package {
        name: "nvidia-cuda-cupti",
        version: "13.2.86",
        licence: "LicenseRef-NVIDIA-Proprietary",
        size: 12 << 20,
        sha256: "8fa29f15dd8336181f961764d9d95236fc6b931dd0c8fcf8cd70aab0c310b586",
        platforms: &["manylinux_2_25_x86_64"],
        files: &[
            "nvidia/cu13/lib/libcupti.so*",
            "nvidia_cuda_cupti-*.dist-info/licenses/*",
        ],
    };
    match framework {
        Framework::Onnx => vec![&ONNX_RUNTIME],
        Framework::OpenVino => vec![&OPEN_VINO],
        Framework::Tflite => vec![&LITERT],
        Framework::PyTorch => vec![&TORCH_, &CUDART, &CUPTI],
    }
}

#[cfg(all(target_os = "linux", target_arch = "aarch64"))]
pub(super) fn of(framework: Framework) -> Vec<&'static Package> {
    static ONNX_RUNTIME: Package = Package {
        name: "onnxruntime",
        version: "1.31.1",
        licence: "MIT",
        size: 21 << 20,
        sha256: "da05378364c44d4407e463982d2bf8d5e4cfea873283757e48beeb41df97b7f3",
        platforms: &["manylinux_2_28_aarch64", "manylinux_2_27_aarch64"],
        files: &ONNX,
    };
    static OPEN_VINO: Package = Package {
        name: "openvino",
        version: "2026.4.1",
        licence: "Apache-2.0",
        size: 30 << 20,
        sha256: "bea1eb3733c34ef331adc945da0ccda5937865031139073663be84c517ffda22",
        platforms: &["manylinux_2_35_aarch64"],
        files: &OPENVINO,
    };
    static LITERT: Package = Package {
        name: "ai-edge-litert",
        version: "2.3.0",
        licence: "Apache-2.0",
        size: 14 << 20,
        sha256: "853fc608f96da87bd5f3458465dfb9abbf18d5ae6b94eceacead407146f175ae",
        platforms: &["manylinux_2_27_aarch64"],
        files: &TFLITE,
    };
    // The last version for this machine that is for the processor alone, and a fifth of the size of later ones.
    static TORCH_: Package = Package {
        name: "torch",
        version: "2.9.1",
        licence: "BSD-3-Clause",
        size: 104 << 20,
        sha256: "62b3fd888277946918cba4478cf849303da5359f0fb4e3bfb86b0533ba2eaf8d",
        platforms: &["manylinux_2_28_aarch64"],
        files: &TORCH,
    };
    match framework {
        Framework::Onnx => vec![&ONNX_RUNTIME],
        Framework::OpenVino => vec![&OPEN_VINO],
        Framework::Tflite => vec![&LITERT],
        Framework::PyTorch => vec![&TORCH_],
    }
}

#[cfg(not(all(
    target_os = "linux",
    any(target_arch = "x86_64", target_arch = "aarch64")
)))]
pub(super) fn of(_: Framework) -> Vec<&'static Package> {
    Vec::new()
}
