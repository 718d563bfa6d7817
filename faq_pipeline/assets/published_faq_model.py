"""faq_evaluation and published_faq_model: whether a model is good enough, and which answers."""

from dataclasses import replace

import dagster as dg

from faq_pipeline.assets.faq_model import faq_model
from faq_pipeline.evaluation import (
    CHECKS,
    TOP,
    Report,
    accuracy,
    failures,
    interval,
    miscalibration,
    ranks,
)
from faq_pipeline.faq_file import parse, split
from faq_pipeline.library import candidates, current, faqs_of, keep_report, published, report_on
from faq_pipeline.matching.matcher_file import about_matcher, answers_as_when_saved, load_matcher
from faq_pipeline.partitions import SETTINGS, Made, faq_files
from pipeline_kit.errors import PermanentError
from pipeline_kit.machine.scratch import scratch
from pipeline_kit.orchestration.failures import clear_failures
from pipeline_kit.storage.store import Store


class NotPublished(PermanentError):
    """A model may not be published, or is not there."""


@dg.asset(
    deps=[faq_model],
    kinds={"scikitlearn"},
    check_specs=[
        dg.AssetCheckSpec(name, asset="faq_evaluation", description=description, blocking=True)
        for name, description in CHECKS.items()
    ],
    partitions_def=faq_files,
    group_name="faq",
    owners=["team:faq"],
    op_tags=SETTINGS.pod.tags(),
)
def faq_evaluation(context: dg.AssetExecutionContext, ops: dg.ResourceParam[Store]) -> Made:
    """How good the model is on questions that it did not learn from, beside what is published."""
    key = context.partition_key
    with clear_failures(context, key, may_stop=False), scratch() as folder:
        digest = current(candidates(ops), key)
        path = candidates(ops).fetch(key, digest, folder)
        matcher, about = load_matcher(path), about_matcher(path)
        source = faqs_of(ops).fetch(key, about["faq"], folder).read_bytes()
        _, held_back = split(parse(source, ".jsonl"))
        found = ranks(matcher, held_back)
        before = published(ops).current().get(key)
        rival = load_matcher(published(ops).fetch(key, before, folder)) if before else None
        report = Report(
            questions=len(held_back),
            accuracy=tuple(accuracy(found, top) for top in TOP),
            published_accuracy=accuracy(ranks(rival, held_back), TOP[-1]) if rival else None,
            miscalibration=miscalibration(matcher, held_back),
            auroc=about["auroc"],
            same_after_reload=answers_as_when_saved(path, matcher),
        )
        failed = failures(
            report, least_accuracy=SETTINGS.least_accuracy, least_auroc=SETTINGS.least_auroc
        )
        keep_report(ops, digest, replace(report, failed=tuple(failed.values())))
    yield dg.MaterializeResult(
        data_version=dg.DataVersion(digest),
        metadata={
            "model": digest,
            "published": before or "none",
            "held_back_questions": report.questions,
            **{f"accuracy_at_{n}": report.accuracy[n - 1] for n in TOP},
            "accuracy_at_3_is_within": _between(report.accuracy[-1], report.questions),
            "published_accuracy_at_3": report.published_accuracy,
            "miscalibration": report.miscalibration,
            "auroc": report.auroc,
        },
        check_results=[
            dg.AssetCheckResult(
                check_name=name, passed=name not in failed, description=failed.get(name, "")
            )
            for name in CHECKS
        ],
    )


class PublishConfig(dg.Config):
    """Which model is published, if not the one that was evaluated last."""

    digest: str = ""
    """Of a model that was published before, to which the service is to go back."""


@dg.asset(
    deps=[faq_evaluation],
    kinds={"safetensors"},
    partitions_def=faq_files,
    group_name="faq",
    owners=["team:faq"],
    op_tags=SETTINGS.pod.tags(),
)
def published_faq_model(
    context: dg.AssetExecutionContext, config: PublishConfig, ops: dg.ResourceParam[Store]
) -> Made:
    """The model that services answer with; they notice within seconds that it is another.

    With `digest` in its config, one that was published before is published again.
    """
    key = context.partition_key
    with clear_failures(context, key, may_stop=False), scratch() as folder:
        digest = config.digest or current(candidates(ops), key)
        if not config.digest:
            report = report_on(ops, digest)
            if report is None or report.failed:
                why = "; ".join(report.failed) if report else "it was not evaluated"
                raise NotPublished(f"model {digest[:12]}: {why}")
        origin = published(ops) if config.digest else candidates(ops)
        before = published(ops).current().get(key)
        published(ops).publish(key, origin.fetch(key, digest, folder))
    yield dg.MaterializeResult(
        data_version=dg.DataVersion(digest),
        metadata={"model": digest, "before": before or "none"},
    )


def _between(share: float, count: int) -> str:
    low, high = interval(share, count) if count else (0.0, 1.0)
    return f"{low:.1%} to {high:.1%}"
