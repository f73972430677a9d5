"""The words that a verdict may be."""

NOT_TESTABLE = "not testable with public data"
VERDICTS = {
    "supported": "what is held says the same",
    "contradicted": "what is held says the opposite",
    "overstated": "the direction is right and the size is not",
    "neither supported nor contradicted": "what is held bears on it and does not decide it",
    "too early to say then": "nobody could have known when it was written",
    NOT_TESTABLE: "no table here holds what would test it; the claim says who holds it",
    "opinion": "a judgement, not a statement that can be right or wrong",
}
COMPUTED = "computed"  # in the register: by a rule of coopstats.findings.verdicts
