"""Writes models of TensorFlow Lite that contradict themselves, for tests that they are refused.

    python hostile_tflite.py MODELS

They are made of one of mediapipe's models and go to the folder `hostile` of `MODELS`, where the name of each file starts
with the code of the error that is expected. Needs `ai-edge-litert` and `flatbuffers`.
"""

import pathlib
import sys

import flatbuffers
import numpy
from ai_edge_litert import schema_py_generated as schema

RESHAPE = 22
GATHER = 36
IF = 118


def operator_of_no_kind(model):
    model.subgraphs[0].operators[0].opcodeIndex = 1000


def input_that_is_not_there(model):
    model.subgraphs[0].operators[1].inputs = numpy.array([100_000, 1], "i4")


def output_that_is_not_there(model):
    model.subgraphs[0].operators[1].outputs = numpy.array([-7], "i4")


def model_input_that_is_not_there(model):
    model.subgraphs[0].inputs = numpy.array([100_000], "i4")


def buffer_that_is_not_there(model):
    model.subgraphs[0].tensors[0].buffer = 100_000


def read_before_computed(model):
    model.subgraphs[0].operators.reverse()


def never_computed(model):
    model.subgraphs[0].operators.pop()


def computed_constant(model):
    operator = model.subgraphs[0].operators[0]
    operator.outputs = operator.inputs[1:2]


def without_subgraphs(model):
    model.subgraphs = []


def without_operators(model):
    model.operatorCodes = []


def metadata_without_name(model):
    metadata = schema.MetadataT()
    metadata.name = None
    model.metadata = [metadata]


def negative_size(model):
    model.subgraphs[0].tensors[0].shape = numpy.array([1, -5, 3, 3], "i4")


def overflowing_size(model):
    model.subgraphs[0].tensors[0].shape = numpy.array([2**31 - 1] * 4, "i4")


def many_dimensions(model):
    model.subgraphs[0].tensors[0].shape = numpy.array([1] * 200, "i4")


def scales_that_are_not_there(model):
    details = schema.BlockwiseQuantizationT()
    details.scales = 100_000
    details.zeroPoints = -1
    details.blockSize = 32
    quantization = schema.QuantizationParametersT()
    quantization.detailsType = schema.QuantizationDetails.BlockwiseQuantization
    quantization.details = details
    model.subgraphs[0].tensors[0].quantization = quantization


def calls_itself(model):
    call(model, 0)


def calls_nobody(model):
    call(model, 50)


def call(model, subgraph):
    code = schema.OperatorCodeT()
    code.deprecatedBuiltinCode = IF
    code.builtinCode = IF
    code.version = 1
    model.operatorCodes.append(code)
    options = schema.IfOptionsT()
    options.thenSubgraphIndex = subgraph
    options.elseSubgraphIndex = subgraph
    operator = model.subgraphs[0].operators[0]
    operator.opcodeIndex = len(model.operatorCodes) - 1
    operator.builtinOptionsType = schema.BuiltinOptions.IfOptions
    operator.builtinOptions = options


def long_shape(model):
    """A shape of 2000 ones for an output that is said to have one dimension."""
    graph = model.subgraphs[0]
    shape = constant(model, numpy.ones(2000, "i4"))
    output = tensor(model, [1])
    append(model, RESHAPE, [small(model), shape], output)
    graph.outputs = numpy.array([output], "i4")


def look_ups_in_each_other(model):
    """Each has twice as many dimensions as the one before."""
    graph = model.subgraphs[0]
    value = small(model)
    for _ in range(24):
        output = tensor(model, [1])
        options = schema.GatherOptionsT()
        append(model, GATHER, [value, value], output, schema.BuiltinOptions.GatherOptions, options)
        value = output
    graph.outputs = numpy.array([value], "i4")


def small(model):
    return constant(model, numpy.zeros((1, 1), "i4"))


def constant(model, numbers):
    buffer = schema.BufferT()
    buffer.data = numpy.frombuffer(numbers.tobytes(), "u1")
    model.buffers.append(buffer)
    return tensor(model, numbers.shape, len(model.buffers) - 1)


def tensor(model, shape, buffer=0):
    made = schema.TensorT()
    made.shape = numpy.array(shape, "i4")
    made.type = schema.TensorType.INT32
    made.buffer = buffer
    made.name = b"made"
    tensors = model.subgraphs[0].tensors
    tensors.append(made)
    return len(tensors) - 1


def append(model, code, inputs, output, kind=0, options=None):
    made = schema.OperatorCodeT()
    made.deprecatedBuiltinCode = code
    made.builtinCode = code
    made.version = 1
    model.operatorCodes.append(made)
    operator = schema.OperatorT()
    operator.opcodeIndex = len(model.operatorCodes) - 1
    operator.inputs = numpy.array(inputs, "i4")
    operator.outputs = numpy.array([output], "i4")
    operator.builtinOptionsType = kind
    operator.builtinOptions = options
    model.subgraphs[0].operators.append(operator)


def weights_elsewhere(model):
    group = schema.ExternalBufferGroupT()
    group.name = "/etc/passwd"
    model.externalBufferGroups = [group]
    buffer = schema.ExternalBufferT()
    buffer.id = 1
    buffer.group = 0
    buffer.offset = 0
    buffer.length = 64
    model.externalBuffers = [buffer]
    model.subgraphs[0].tensors[1].externalBuffer = 1


EXPECTED = {
    "invalid-encoding": [
        operator_of_no_kind,
        input_that_is_not_there,
        output_that_is_not_there,
        model_input_that_is_not_there,
        buffer_that_is_not_there,
        read_before_computed,
        never_computed,
        computed_constant,
        without_subgraphs,
        without_operators,
        metadata_without_name,
        negative_size,
        scales_that_are_not_there,
        calls_itself,
        calls_nobody,
    ],
    "too-large": [overflowing_size],
    "unsupported-operation": [many_dimensions, long_shape, look_ups_in_each_other],
    "security": [weights_elsewhere],
}


def main(models):
    folder = models / "hostile"
    folder.mkdir(exist_ok=True)
    path = sorted(models.glob("mediapipe-*/mediapipe/modules/**/hand_recrop.tflite"))[0]
    for code, changes in EXPECTED.items():
        for change in changes:
            model = schema.ModelT.InitFromObj(schema.Model.GetRootAs(path.read_bytes(), 0))
            change(model)
            builder = flatbuffers.Builder()
            builder.Finish(model.Pack(builder), b"TFL3")
            (folder / f"{code}.{change.__name__}.tflite").write_bytes(builder.Output())


if __name__ == "__main__":
    if len(sys.argv) != 2:
        raise SystemExit(__doc__)
    main(pathlib.Path(sys.argv[1]))
