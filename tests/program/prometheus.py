"""Reads a page of metrics from standard input with prometheus_client's parser and prints what it understood: a JSON object of
sample and value, labels in the order of their names."""
import json
import sys

from prometheus_client.parser import text_string_to_metric_families

samples = {}
for family in text_string_to_metric_families(sys.stdin.read()):
    # A family whose cells were never counted has no sample.
    if family.type not in ("counter", "gauge", "histogram") or not family.documentation:
        sys.exit(f"{family.name}: {family.type}, {family.documentation!r}")
    for sample in family.samples:
        labels = ",".join(f'{name}="{value}"' for name, value in sorted(sample.labels.items()))
        samples[f"{sample.name}{{{labels}}}"] = sample.value
json.dump(samples, sys.stdout)
