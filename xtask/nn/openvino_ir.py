"""Writes EfficientNet-Lite0 in OpenVINO's own format.

    python openvino_ir.py MODEL.onnx OUT.xml

`MODEL.onnx` is what `efficientnet_lite0.py` has written; the weights go to a file beside `OUT.xml`. The input is
[1, 3, 224, 224]. Needs `numpy` and `onnx`, not OpenVINO: only the operators of that one model are known.
"""

import pathlib
import sys
import xml.etree.ElementTree as tree

import numpy
import onnx
from onnx import numpy_helper

PRECISIONS = {"f32": "FP32", "i64": "I64"}


class Representation:
    def __init__(self):
        self.layers = tree.Element("layers")
        self.edges = tree.Element("edges")
        self.weights = bytearray()
        # For each value, the layer and the port that it comes out of, and its sizes.
        self.values = {}

    def layer(self, kind, name, data, inputs=(), shape=None, precision="f32"):
        number = len(self.layers)
        layer = tree.SubElement(self.layers, "layer", id=str(number), name=name, type=kind, version="opset1")
        if data:
            tree.SubElement(layer, "data", data)
        if inputs:
            side = tree.SubElement(layer, "input")
        for port, value in enumerate(inputs):
            source, source_port, sizes, precision_of_input = self.values[value]
            self.port(side, port, sizes, precision_of_input)
            ends = {"from-layer": source, "from-port": source_port, "to-layer": number, "to-port": port}
            tree.SubElement(self.edges, "edge", {key: str(value) for key, value in ends.items()})
        if shape is not None:
            port = self.port(tree.SubElement(layer, "output"), len(inputs), shape, precision)
            port.set("names", name)
            self.values[name] = (number, len(inputs), shape, precision)

    def port(self, side, number, sizes, precision):
        port = tree.SubElement(side, "port", id=str(number), precision=PRECISIONS[precision])
        for size in sizes:
            tree.SubElement(port, "dim").text = str(size)
        return port

    def constant(self, name, array, precision="f32"):
        array = numpy.ascontiguousarray(array)
        data = {
            "element_type": precision,
            "shape": ", ".join(map(str, array.shape)),
            "offset": str(len(self.weights)),
            "size": str(array.nbytes),
        }
        self.weights += array.tobytes()
        self.layer("Const", name, data, shape=array.shape, precision=precision)

    def sizes(self, name):
        return self.values[name][2]


def attributes(node):
    return {attribute.name: onnx.helper.get_attribute_value(attribute) for attribute in node.attribute}


def convolution(ir, node, constants):
    image, kernel, bias = node.input
    given = attributes(node)
    weights, groups = constants[kernel], given["group"]
    _, _, height, width = ir.sizes(image)
    step = given["strides"][0]
    shape = (1, weights.shape[0], -(-height // step), -(-width // step))
    if groups != 1:
        weights = weights.reshape(groups, weights.shape[0] // groups, *weights.shape[1:])
    data = {
        "strides": f"{step}, {step}",
        "dilations": "1, 1",
        "pads_begin": "0, 0",
        "pads_end": "0, 0",
        "auto_pad": "same_upper",
    }
    output = node.output[0]
    ir.constant(kernel, weights)
    ir.layer("GroupConvolution" if groups != 1 else "Convolution", f"{output}.sum", data, (image, kernel), shape)
    ir.constant(bias, constants[bias].reshape(1, -1, 1, 1))
    ir.layer("Add", output, {"auto_broadcast": "numpy"}, (f"{output}.sum", bias), shape)


def operator(ir, node, constants):
    output, first = node.output[0], node.input[0]
    if node.op_type == "Conv":
        convolution(ir, node, constants)
    elif node.op_type == "Clip":
        least, most = (str(constants[name].item()) for name in node.input[1:])
        ir.layer("Clamp", output, {"min": least, "max": most}, (first,), ir.sizes(first))
    elif node.op_type == "Add":
        ir.layer("Add", output, {"auto_broadcast": "numpy"}, tuple(node.input), ir.sizes(first))
    elif node.op_type == "GlobalAveragePool":
        ir.constant(f"{output}.axes", numpy.array([2, 3], "i8"), "i64")
        shape = ir.sizes(first)[:2]
        ir.layer("ReduceMean", output, {"keep_dims": "false"}, (first, f"{output}.axes"), shape)
    elif node.op_type == "Flatten":
        # The mean has no other dimensions.
        ir.values[output] = ir.values[first]
    elif node.op_type == "Gemm":
        _, weight, bias = node.input
        ir.constant(weight, constants[weight])
        shape = (1, constants[weight].shape[0])
        transposed = {"transpose_a": "false", "transpose_b": "true"}
        ir.layer("MatMul", f"{output}.product", transposed, (first, weight), shape)
        ir.constant(bias, constants[bias].reshape(1, -1))
        ir.layer("Add", output, {"auto_broadcast": "numpy"}, (f"{output}.product", bias), shape)
    else:
        raise SystemExit(f"{node.op_type} is not an operator of EfficientNet-Lite0")


def main(source, place):
    graph = onnx.load(source).graph
    constants = {tensor.name: numpy_helper.to_array(tensor) for tensor in graph.initializer}
    ir = Representation()
    ir.layer("Parameter", "image", {"shape": "1,3,224,224", "element_type": "f32"}, shape=(1, 3, 224, 224))
    for node in graph.node:
        operator(ir, node, constants)
    ir.layer("Result", "logits/result", {}, ("logits",))
    net = tree.Element("net", name="efficientnet-lite0", version="11")
    net.extend([ir.layers, ir.edges])
    tree.indent(net)
    tree.ElementTree(net).write(place, "utf-8", xml_declaration=True)
    place.with_suffix(".bin").write_bytes(ir.weights)


if __name__ == "__main__":
    if len(sys.argv) != 3:
        raise SystemExit(__doc__)
    main(sys.argv[1], pathlib.Path(sys.argv[2]))
