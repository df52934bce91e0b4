"""The job of `make demo-python` through the Python package: two hospitals, one model, one receipt; notebook cells.

    notebook.py URL POLICY FOLDER      FOLDER has a.csv and b.csv (examples/hospitals/split); homes and results go there

Here one process plays both hospitals; each would run its own half, with its own home, policy and source.
"""
# %% two hospitals verify the node, each under the policy from its own build
import json
import sys
from pathlib import Path

import mesatee

url, policy, folder = sys.argv[1], sys.argv[2], Path(sys.argv[3])
train = Path(__file__).with_name("train.py")
a = mesatee.connect(url, policy, home=folder / "hospital-a")
b = mesatee.connect(url, policy, home=folder / "hospital-b")
print(a.verdict, "protects against", a.verdict.protects)
a.know("hospital-b", b.id)              # ids are told on the telephone
b.know("hospital-a", a.id)

# %% each encrypts its rows at home and sends the ciphertext
rows_a, rows_b = a.put(folder / "a.csv"), b.put(folder / "b.csv")

# %% hospital-a proposes the contract
function = a.publish(train)
proposed = a.contract(function=function, inputs={"a": rows_a, "b": ("hospital-b", rows_b)},
                      outputs={"for-a": "self", "for-b": "hospital-b"}, memory="2G", wall="120s", level=2)

# %% hospital-b reads it; then both approve exactly that
read = b.fetch_contract(proposed.hash)
print(read.show())
assert read.terms.function == b.publish(train).hash, "another function than our source has"
proposed.approve()
read.approve()

# %% it runs; each fetches its model, and checks the receipt that proves where it is from
run = proposed.run()
for mine, output in ((run, "for-a"), (read.run_of(run.number), "for-b")):
    model = mine.fetch(output)
    receipt = mesatee.verify(mine.receipt(to=folder / f"{output}.receipt"), policy)
    assert receipt.contract == proposed.hash and receipt.output(output).tag == model.tag
    print(receipt, {key: json.loads(model)[key] for key in ("rows", "accuracy")})
a.close()
b.close()
