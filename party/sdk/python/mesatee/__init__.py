"""A party's side of MesaTEE.

    import mesatee

    with mesatee.connect("https://127.0.0.1:7777", policy="policy.toml") as node:
        rows = node.put("rows.csv")
        function = node.publish("train.py")
        contract = node.contract(function=function, inputs={"a": rows}, outputs={"model": "self"})
        print(contract.show())
        contract.approve()
        run = contract.run()
        model, receipt = run.fetch("model"), run.receipt()
    mesatee.verify(receipt, policy="policy.toml")

All that protects the party is done by the C client library (api/mesatee.h), which this package carries: docs/sdk.md.
"""

from .binding import Library
from .errors import (
    Bug,
    Conflict,
    Error,
    Failed,
    NotFound,
    NotReady,
    NotVerified,
    Refused,
    RunFailed,
    TimedOut,
    Unreachable,
    Usage,
)
from .node import Contract, Node, Run, combine, connect, verify
from .values import (
    Dataset,
    Format,
    Function,
    Input,
    Output,
    Part,
    Receipt,
    ReceiptOutput,
    Result,
    RunState,
    Task,
    Terms,
    Verdict,
)

__all__ = [
    "Bug",
    "Conflict",
    "Contract",
    "Dataset",
    "Error",
    "Failed",
    "Format",
    "Function",
    "Input",
    "Library",
    "Node",
    "NotFound",
    "NotReady",
    "NotVerified",
    "Output",
    "Part",
    "Receipt",
    "ReceiptOutput",
    "Refused",
    "Result",
    "Run",
    "RunFailed",
    "RunState",
    "Task",
    "Terms",
    "TimedOut",
    "Unreachable",
    "Usage",
    "Verdict",
    "combine",
    "connect",
    "verify",
]
