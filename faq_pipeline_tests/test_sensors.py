"""What starts runs."""

from pathlib import Path

import dagster as dg

from faq_pipeline.definitions import defs
from faq_pipeline.partitions import UPLOAD_TAG
from faq_pipeline.sensors import new_faqs
from faq_pipeline_tests.bank import Bank, new_bank


def poll(bank: Bank, cursor: str | None) -> dg.SensorResult:
    context = dg.build_sensor_context(
        bank.instance, cursor=cursor, resources={"media": bank.media}, definitions=defs
    )
    result = new_faqs(context)
    assert isinstance(result, dg.SensorResult)
    return result


def test_each_version_of_a_dropped_file_has_one_run(tmp_path: Path) -> None:
    with new_bank(tmp_path) as bank:
        etag = bank.drop(b"id,question,answer")
        first = poll(bank, None)
        assert not first.run_requests, "it may still be copied"
        second = poll(bank, first.cursor)
        (request,) = second.run_requests or ()
        assert request.partition_key == "bank.csv"
        assert request.tags[UPLOAD_TAG] == etag
        assert not poll(bank, second.cursor).run_requests
        bank.drop(b"id,question,answer\n1,a,b")
        third = poll(bank, second.cursor)
        (again,) = poll(bank, third.cursor).run_requests or ()
        assert again.run_key != request.run_key
