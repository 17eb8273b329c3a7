"""Questions to an mxcensus dataset.

    from mxcensus_analysis import Census, questions

    census = Census.open("2026-11")
    census.ask("adoption", by="tld").frame

`questions()` lists what can be asked; each is one SQL file whose header states question, denominator and caveats.
"""

from .answer import Answer
from .census import Census, CensusSeries
from .comparison import Comparison
from .errors import (
    AnalysisError,
    ComparisonError,
    NetworksError,
    NotADatasetError,
    ParameterError,
    QueryError,
    StoreError,
    UnknownQuestionError,
)
from .question import Parameter, Question, question, questions, watch_question, watch_questions
from .scope import Scope
from .watch import Watch

__all__ = [
    "AnalysisError",
    "Answer",
    "Census",
    "CensusSeries",
    "Comparison",
    "ComparisonError",
    "NetworksError",
    "NotADatasetError",
    "Parameter",
    "ParameterError",
    "QueryError",
    "Question",
    "Scope",
    "StoreError",
    "UnknownQuestionError",
    "Watch",
    "question",
    "questions",
    "watch_question",
    "watch_questions",
]
