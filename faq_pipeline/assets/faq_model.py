"""faq and faq_model: what a dropped file holds, and what is learned from it."""

from typing import Final

import dagster as dg

from faq_pipeline.faq_file import dump, parse, split
from faq_pipeline.intake import FOLDER
from faq_pipeline.library import candidates, current, faqs_of
from faq_pipeline.matching.fit import fit
from faq_pipeline.matching.matcher import Entry
from faq_pipeline.matching.matcher_file import save_matcher
from faq_pipeline.partitions import SETTINGS, UPLOAD_TAG, Made, faq_files
from pipeline_kit.machine.scratch import scratch
from pipeline_kit.orchestration.failures import clear_failures
from pipeline_kit.storage.store import Store

PROBES: Final = 100
"""Questions whose answers a model's file remembers."""


@dg.asset(
    deps=["dropped_faqs"],
    kinds={"json"},
    partitions_def=faq_files,
    group_name="faq",
    owners=["team:faq"],
    op_tags=SETTINGS.pod.tags(),
)
def faq(
    context: dg.AssetExecutionContext, media: dg.ResourceParam[Store], ops: dg.ResourceParam[Store]
) -> Made:
    """Questions, other ways to ask them, and answers: what a dropped file holds, checked."""
    key = context.partition_key
    with clear_failures(context, key, may_stop=False), scratch() as folder:
        upload = context.run.tags.get(UPLOAD_TAG)
        media.download(f"{FOLDER}/{key}", folder / "dropped", etag=upload)
        faqs = parse((folder / "dropped").read_bytes(), key)
        (folder / "faq").write_bytes(dump(faqs))
        digest = faqs_of(ops).publish(key, folder / "faq")
        yield dg.MaterializeResult(
            data_version=dg.DataVersion(digest),
            metadata={"entries": len(faqs), "questions": sum(len(each.texts) for each in faqs)},
        )


@dg.asset(
    deps=[faq],
    kinds={"scikitlearn"},
    partitions_def=faq_files,
    group_name="faq",
    owners=["team:faq"],
    op_tags=SETTINGS.pod.tags(),
)
def faq_model(context: dg.AssetExecutionContext, ops: dg.ResourceParam[Store]) -> Made:
    """A linear classifier of questions as arrays, with calibrated probabilities.

    One in ten duplicates is not learned from: they judge it.
    """
    key = context.partition_key
    with clear_failures(context, key, may_stop=False), scratch() as folder:
        source = current(faqs_of(ops), key)
        learned, _ = split(parse(faqs_of(ops).fetch(key, source, folder).read_bytes(), ".jsonl"))
        entries = [Entry(each.id, each.question, each.answer) for each in learned]
        fitted = fit(entries, {each.id: each.texts for each in learned})
        about = {"faq": source, "auroc": fitted.scope_auroc}
        probes = [text for each in learned for text in each.texts][:PROBES]
        save_matcher(folder / "model", fitted.matcher, probes=probes, about=about)
        digest = candidates(ops).publish(key, folder / "model")
        yield dg.MaterializeResult(
            data_version=dg.DataVersion(digest),
            metadata={
                "model": digest,
                "terms": len(fitted.matcher.terms.names),
                "sharpness": fitted.matcher.sharpness,
                "bytes": (folder / "model").stat().st_size,
                "auroc": fitted.scope_auroc,
            },
        )
