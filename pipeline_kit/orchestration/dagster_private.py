"""All that is taken from Dagster's private modules, and why: what to check at an upgrade."""

# Only the UI launches a backfill of chosen partitions of several assets: with these two.
from dagster._core.definitions.assets.graph.asset_graph_subset import AssetGraphSubset

# From which observation an asset was made: by itself Dagster notes the latest when a step begins.
from dagster._core.definitions.data_version import get_input_event_pointer_tag

# The error after which the queue takes back a run that could not be launched.
from dagster._core.errors import DagsterUserCodeUnreachableError

# Whether a failed run is one that the daemon retries: rule and reason have no public name.
from dagster._core.events import RunFailureReason

# Which backfills are under way, and that one is to end, is asked by names that are not exported.
from dagster._core.execution.backfill import (
    BulkActionsFilter,
    BulkActionStatus,
    PartitionBackfill,
)
from dagster._core.execution.retries import auto_reexecution_should_retry_run

# Whether an instance's databases are there can only be seen without opening, which creates them.
from dagster._core.instance.ref import InstanceRef

# The interfaces of run launchers, queues and compute log managers, which dagster.yaml lets one
# replace, are documented and not exported.
from dagster._core.launcher import CheckRunHealthResult, LaunchRunContext, WorkerStatus
from dagster._core.run_coordinator import QueuedRunCoordinator, SubmitRunContext
from dagster._core.storage.compute_log_manager import CapturedLogContext, ComputeIOType

# All that a run can be before it has ended.
from dagster._core.storage.dagster_run import NOT_FINISHED_STATUSES

# Where SQLite keeps the events of a run: `delete_run` leaves the file there.
from dagster._core.storage.event_log.sqlite import SqliteEventLogStorage
from dagster._core.storage.local_compute_log_manager import IO_TYPE_EXTENSION

# Names of tags that Dagster itself sets and reads.
from dagster._core.storage.tags import (
    AUTO_RETRY_RUN_ID_TAG,
    AUTOMATION_CONDITION_TAG,
    MAX_RETRIES_TAG,
    PARENT_RUN_ID_TAG,
    PARTITION_NAME_TAG,
    PRIORITY_TAG,
    RUN_FAILURE_REASON_TAG,
    WILL_RETRY_TAG,
)
from dagster._serdes import ConfigurableClassData

__all__ = [
    "AUTOMATION_CONDITION_TAG",
    "AUTO_RETRY_RUN_ID_TAG",
    "IO_TYPE_EXTENSION",
    "MAX_RETRIES_TAG",
    "NOT_FINISHED_STATUSES",
    "PARENT_RUN_ID_TAG",
    "PARTITION_NAME_TAG",
    "PRIORITY_TAG",
    "RUN_FAILURE_REASON_TAG",
    "WILL_RETRY_TAG",
    "AssetGraphSubset",
    "BulkActionStatus",
    "BulkActionsFilter",
    "CapturedLogContext",
    "CheckRunHealthResult",
    "ComputeIOType",
    "ConfigurableClassData",
    "DagsterUserCodeUnreachableError",
    "InstanceRef",
    "LaunchRunContext",
    "PartitionBackfill",
    "QueuedRunCoordinator",
    "RunFailureReason",
    "SqliteEventLogStorage",
    "SubmitRunContext",
    "WorkerStatus",
    "auto_reexecution_should_retry_run",
    "get_input_event_pointer_tag",
]
