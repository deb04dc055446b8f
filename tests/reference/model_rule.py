"""The paper's choice between the common-effect and the random-effects model."""


def choose(k: int, q_p: float, i2: float) -> str:
    """Random effects if P of Q < 0.1 or I2 > 50 %, strictly; one study or none is common."""
    return "random" if k > 1 and (q_p < 0.1 or i2 > 50) else "common"
