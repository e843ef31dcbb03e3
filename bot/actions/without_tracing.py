"""Start of the actions without rasa-sdk's exporter of traces, which is configured nowhere."""

import sys
from types import ModuleType

EXPORTER = "opentelemetry.exporter.otlp.proto.grpc.trace_exporter"


def leave_out_trace_exporter() -> None:
    """Prepare to serve the actions; call before importing rasa-sdk. Saves 5 MB."""
    exporter = ModuleType(EXPORTER)
    exporter.__dict__["OTLPSpanExporter"] = object
    sys.modules.update({"grpc": ModuleType("grpc"), EXPORTER: exporter})
