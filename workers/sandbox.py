"""How workflow code runs: in the SDK's sandbox, with our own modules passed through.

The workflow is one page without clock, network or randomness; importing it anew for every run would cost twice as much.
"""

from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner, SandboxRestrictions


def runner() -> SandboxedWorkflowRunner:
    """The runner of every worker of ours."""
    return SandboxedWorkflowRunner(SandboxRestrictions.default.with_passthrough_modules("workers"))
