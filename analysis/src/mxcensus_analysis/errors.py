"""What can go wrong that the analyst has to act on."""


class AnalysisError(Exception):
    """Base of every error that this package raises on purpose. The message says what to do."""


class NotADatasetError(AnalysisError):
    """The path holds no dataset, or one of another format."""


class UnknownQuestionError(AnalysisError):
    """No SQL file bears that name."""


class ParameterError(AnalysisError):
    """A question was asked with a parameter that it does not have, or with a value that it does not know."""


class ComparisonError(AnalysisError):
    """``mxcensus diff`` could not be run, or could not compare."""


class StoreError(AnalysisError):
    """The object store cannot be reached, refuses, or its client is not installed."""


class QueryError(AnalysisError):
    """A query of the analyst's own that DuckDB refuses; the message is DuckDB's."""


class NetworksError(AnalysisError):
    """No table of networks was brought, or the one that was cannot be read."""
