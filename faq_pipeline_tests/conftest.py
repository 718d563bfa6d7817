"""A matcher that was fitted once."""

import pytest

from faq_pipeline.matching.fit import Fitted
from faq_pipeline_tests.questions import fitted_to_faqs


@pytest.fixture(scope="session")
def fitted() -> Fitted:
    return fitted_to_faqs()
