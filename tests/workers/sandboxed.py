"""Where tests run the workflow in the SDK's sandbox, which forbids it a clock, network and randomness of its own."""

from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner, SandboxRestrictions


def runner() -> SandboxedWorkflowRunner:
    """Our own modules are passed through: importing them anew for every run would cost twice as much."""
    return SandboxedWorkflowRunner(SandboxRestrictions.default.with_passthrough_modules("workers"))
