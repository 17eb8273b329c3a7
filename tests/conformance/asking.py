"""What the suites share: questions to the program, and what comes of an answer."""

import base64
import dataclasses
import json
import re
import subprocess


@dataclasses.dataclass
class Program:
    """The program, and the example of the crate of rules that answers what `eval` does not."""

    binary: str
    example: str

    def eval(self, kind, questions):
        """The answers of `mxcensus eval KIND`, in order."""
        return [
            json.loads(line) for line in run([self.binary, "eval", kind], questions)
        ]

    def ask(self, what, questions):
        """The words that the example answers with, in order."""
        return run([self.example, what], questions)


def run(command, questions):
    text = "".join(json.dumps(question) + "\n" for question in questions)
    lines = (
        subprocess.run(command, input=text.encode(), capture_output=True, check=True)
        .stdout.decode()
        .splitlines()
    )
    assert len(lines) == len(questions), (
        f"{command}: {len(lines)} answers to {len(questions)} questions"
    )
    return lines


@dataclasses.dataclass
class Outcome:
    """One case: what the suite expects, and what we answer."""

    case: str
    expected: str
    ours: str
    agrees: bool


@dataclasses.dataclass
class Suite:
    """Cases of others. `justified`: pattern of a case to why the suite does not bind us there, with the section."""

    name: str
    source: str
    outcomes: list
    justified: dict

    def why(self, outcome):
        return next(
            (
                why
                for pattern, why in self.justified.items()
                if re.search(pattern, outcome.case)
            ),
            None,
        )

    def sorted(self):
        """How many agree; what is ours wrong; what is justified, by reason."""
        agree, wrong, justified = 0, [], {}
        for outcome in self.outcomes:
            if outcome.agrees:
                agree += 1
            elif why := self.why(outcome):
                justified.setdefault(why, []).append(outcome)
            else:
                wrong.append(outcome)
        return agree, wrong, justified


def encode(der):
    return base64.b64encode(der).decode()


def chain_outcomes(program, cases):
    """Chains put to `eval pkix`: of each (case, question, is expected to be valid). `names=False` in the question leaves the
    name out of the answer."""
    answers = program.eval("pkix", [question for _, question, _ in cases])
    outcomes = []
    for (case, question, valid), answer in zip(cases, answers, strict=True):
        failures = [
            word
            for word in answer.get("failures", ["error"])
            if question.get("names", True) or word != "cert-name-mismatch"
        ]
        ours = answer.get("detail") or answer.get("error") or "valid"
        outcomes.append(
            Outcome(
                case,
                "valid" if valid else "refused",
                "valid" if not failures else ours,
                (not failures) == valid,
            )
        )
    return outcomes
