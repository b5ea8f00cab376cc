"""Writes small programs of TorchScript, for tests of what a program can do.

    python torchscript.py MODELS

They go to the folder `torchscript` of `MODELS`. A file of TorchScript is a zip archive with source text and pickled objects, so no part of PyTorch is needed. The
programs have no weights.
"""

import io
import pathlib
import pickle
import sys
import types
import zipfile

PROGRAMS = {
    # Two tensors to a tuple: without a memory.
    "add": """\
  def forward(self: __torch__.M,
    a: Tensor,
    b: Tensor) -> Tuple[Tensor, Tensor]:
    return (torch.add(a, b), torch.mul(a, b))
""",
    # A number, and another that can be left out.
    "scale": """\
  def forward(self: __torch__.M,
    a: Tensor,
    factor: int,
    offset: float=0.5) -> Tensor:
    return torch.add(torch.mul(a, factor), offset)
""",
    # Truth values, short integers and a dictionary.
    "kinds": """\
  def forward(self: __torch__.M,
    a: Tensor) -> Dict[str, Tensor]:
    return {"positive": torch.gt(a, 0), "short": torch.to(a, 2)}
""",
    # Types that only late versions have: unsigned integers of 32 bits, and numbers of 8.
    "wide": """\
  def forward(self: __torch__.M,
    a: Tensor) -> Dict[str, Tensor]:
    return {"unsigned": torch.to(a, 28), "short": torch.to(a, 24)}
""",
    # One that fits no type of the interface: unsigned integers of 64 bits.
    "too_wide": """\
  def forward(self: __torch__.M,
    a: Tensor) -> Tensor:
    return torch.to(a, 29)
""",
    # Changes what it is given.
    "inplace": """\
  def forward(self: __torch__.M,
    a: Tensor) -> Tensor:
    return torch.add_(a, 1)
""",
    # Looks up what the input says.
    "lookup": """\
  def forward(self: __torch__.M,
    table: Tensor,
    at: Tensor) -> Tensor:
    return torch.index_select(table, 0, at)
""",
    # Never returns a tensor.
    "text": """\
  def forward(self: __torch__.M,
    a: Tensor) -> str:
    return "text"
""",
    # Takes what no guest can give.
    "wants_text": """\
  def forward(self: __torch__.M,
    a: str) -> Tensor:
    return torch.zeros([1])
""",
    # As much memory as the input says.
    "allocate": """\
  def forward(self: __torch__.M,
    size: int) -> Tensor:
    return torch.zeros([size, size])
""",
}

# Counts its runs.
COUNTER = """\
class M(Module):
  __parameters__ = []
  __buffers__ = []
  training : bool
  runs : int
  def forward(self: __torch__.M,
    a: Tensor) -> Tensor:
    self.runs = torch.add(self.runs, 1)
    return torch.mul(a, self.runs)
"""

# Two attributes: older versions cannot read a pickled object with one.
PLAIN = """\
class M(Module):
  __parameters__ = []
  __buffers__ = []
  training : bool
  unused : int
"""


def pickled(attributes):
    module = types.ModuleType("__torch__")
    module.M = type("M", (), {"__module__": "__torch__"})
    sys.modules["__torch__"] = module
    value = module.M()
    value.__dict__.update(attributes)
    buffer = io.BytesIO()
    pickle.Pickler(buffer, protocol=2).dump(value)
    return buffer.getvalue()


def write(path, code, attributes):
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("m/data.pkl", pickled(attributes))
        archive.writestr("m/code/__torch__.py", code)
        archive.writestr("m/constants.pkl", pickle.dumps((), protocol=2))
        archive.writestr("m/version", "3\n")


def main(models):
    folder = models / "torchscript"
    folder.mkdir(parents=True, exist_ok=True)
    for name, forward in PROGRAMS.items():
        write(folder / f"{name}.pt", PLAIN + forward, {"training": False, "unused": 0})
    write(folder / "counter.pt", COUNTER, {"training": False, "runs": 0})


if __name__ == "__main__":
    if len(sys.argv) != 2:
        raise SystemExit(__doc__)
    main(pathlib.Path(sys.argv[1]))
