"""What a dropped FAQ becomes."""

from pathlib import Path

from faq_pipeline.faq_file import split
from faq_pipeline_tests.bank import metadata, new_bank, why
from faq_pipeline_tests.questions import as_csv, faqs


def test_a_file_that_is_no_faq_fails_once_in_a_line_that_says_what_to_do(tmp_path: Path) -> None:
    with new_bank(tmp_path) as bank:
        bank.drop(b"question,reply\nWhy?,So.")
        result = bank.make()
        assert why(result) == "bank.csv: it has no column answer, id"
        assert not any(event.is_step_up_for_retry for event in result.all_events)


def test_a_run_for_a_file_that_was_replaced_leaves_it_to_the_new_one_s(tmp_path: Path) -> None:
    with new_bank(tmp_path) as bank:
        upload = bank.drop(b"question,reply\nWhy?,So.")
        bank.drop(as_csv(faqs()))
        assert "uploaded again meanwhile" in why(bank.make(upload=upload))


def test_what_was_not_made_before_is_named(tmp_path: Path) -> None:
    with new_bank(tmp_path) as bank:
        bank.drop(as_csv(faqs()))
        assert why(bank.make("faq_model")).endswith("materialize all from faq on")


def test_the_same_faq_is_the_same_model(tmp_path: Path) -> None:
    with new_bank(tmp_path) as bank:
        bank.drop(as_csv(faqs()))
        results = [bank.make("faq", "faq_model") for _ in range(2)]
        first, second = (metadata(result, "faq_model")["model"] for result in results)
        assert first == second
        learned, _ = split(faqs())
        questions = metadata(results[0], "faq")["questions"]
        assert questions == sum(len(each.texts) for each in faqs()) > len(learned)
