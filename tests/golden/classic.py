"""Small data sets that the literature prints, typed in as facts, each with its source."""

from __future__ import annotations

import numpy as np

import metapool as mp


def tables(rows: list[tuple[float, float, float, float]], **labels) -> mp.TwoByTwo:
    """Rows of events and participants, treated then control."""
    a, n1, c, n2 = np.array(rows, float).T
    return mp.TwoByTwo(events_e=a, n_e=n1, events_c=c, n_c=n2, **labels)


#: BCG vaccine against tuberculosis, vaccinated and not (Colditz et al. 1994, JAMA 271:698-702).
BCG = tables(
    [
        (4, 123, 11, 139),
        (6, 306, 29, 303),
        (3, 231, 11, 220),
        (62, 13598, 248, 12867),
        (33, 5069, 47, 5808),
        (180, 1541, 372, 1451),
        (8, 2545, 10, 629),
        (505, 88391, 499, 88391),
        (29, 7499, 45, 7277),
        (17, 1716, 65, 1665),
        (186, 50634, 141, 27338),
        (5, 2498, 3, 2341),
        (27, 16913, 29, 17854),
    ]
)

#: Aspirin after myocardial infarction, deaths (Fleiss 1993, Stat Methods Med Res 2:121-145).
FLEISS = tables(
    [
        (49, 615, 67, 624),
        (44, 758, 64, 771),
        (102, 832, 126, 850),
        (32, 317, 38, 309),
        (85, 810, 52, 406),
        (246, 2267, 219, 2257),
        (1570, 8587, 1720, 8600),
    ]
)

#: Aspirin against pre-eclampsia (CLASP 1994; DerSimonian & Kacker 2007, p. 111).
CLASP = tables(
    [
        (5, 156, 8, 74),
        (5, 303, 17, 303),
        (12, 565, 9, 477),
        (69, 1570, 94, 1565),
        (9, 103, 11, 105),
        (313, 4659, 352, 4650),
    ]
)

#: Prophylactic lidocaine in myocardial infarction, deaths (Hine et al. 1989; Normand 1999).
HINE = tables(
    [
        (2, 39, 1, 43),
        (4, 44, 4, 44),
        (6, 107, 4, 110),
        (7, 103, 5, 100),
        (7, 110, 3, 106),
        (11, 154, 4, 146),
    ]
)

#: Tolbutamide and death by age (University Group Diabetes Program; Rothman et al. 2008, ch. 15).
TOLBUTAMIDE = tables([(8, 106, 5, 120), (22, 98, 16, 85)])

#: Long-term beta blockade, deaths (Yusuf et al. 1985, Prog Cardiovasc Dis 27:335-371, table 6).
BETA_BLOCKERS = tables(
    [
        (14, 56, 15, 58),
        (18, 66, 19, 64),
        (15, 100, 12, 95),
        (10, 52, 12, 47),
        (21, 226, 24, 228),
        (3, 38, 6, 31),
        (2, 20, 3, 20),
        (19, 76, 15, 67),
        (15, 106, 9, 114),
        (5, 62, 4, 57),
        (0, 9, 0, 8),
        (8, 133, 11, 127),
        (3, 48, 3, 49),
        (0, 16, 0, 13),
        (1, 42, 1, 46),
        (0, 25, 3, 25),
        (14, 221, 15, 228),
        (0, 11, 0, 11),
        (8, 259, 7, 129),
        (6, 157, 4, 158),
        (3, 177, 2, 136),
    ]
)

#: Tacrolimus in refractory nephrotic syndrome of children: remission (Sinha 2017, Gulati 2012,
#: Choudhry 2009, Wang 2012; counts printed or recovered from the printed results).
REMISSION = tables(
    [(23, 31, 12, 29), (38, 63, 12, 61), (10, 21, 11, 20), (22, 26, 3, 8)],
    subgroup=["Mycophenolate mofetil", "Cyclophosphamide", "Ciclosporin A", "Ciclosporin A"],
)
CICLOSPORIN = tables([(10, 21, 11, 20), (22, 26, 3, 8)])
NEPHROTOXICITY = tables([(8, 21, 12, 20), (13, 26, 8, 8)])
HYPERTRICHOSIS = tables([(0, 21, 19, 20), (0, 26, 8, 8)])

#: Viechtbauer 2005, J Educ Behav Stat 30:261-293, pp. 271 and 272.
VIECHTBAUER_271 = mp.Effects(
    y=[-0.581, 0.530, 0.771, 1.031, 0.553, 0.295, 0.078, 0.573, -0.176, -0.232],
    v=[0.023, 0.052, 0.060, 0.115, 0.095, 0.203, 0.200, 0.211, 0.051, 0.040],
)
VIECHTBAUER_272 = mp.Effects(
    y=[
        0.100, -0.162, -0.090, -0.049, -0.046, -0.010, -0.431, -0.261, 0.134,
        0.019, 0.175, 0.056, 0.045, 0.103, 0.121, -0.482, 0.290, 0.342,
    ],
    v=[
        0.016, 0.015, 0.050, 0.050, 0.032, 0.052, 0.036, 0.024, 0.034,
        0.033, 0.031, 0.034, 0.039, 0.167, 0.134, 0.096, 0.016, 0.035,
    ],
)  # fmt: skip

#: Lipsey & Wilson 2001, Practical meta-analysis, exhibit 7.3.
LIPSEY_WILSON = mp.Effects(
    y=[-0.33, 0.32, 0.39, 0.31, 0.17, 0.64, -0.33, 0.15, -0.02, 0.00],
    v=[0.084, 0.035, 0.017, 0.034, 0.072, 0.117, 0.102, 0.093, 0.012, 0.067],
)

#: Teacher expectancy and pupil IQ, standardised mean differences (Raudenbush & Bryk 1985, J Educ
#: Stat 10:75-98).
RAUDENBUSH = mp.Effects(
    y=[
        0.03,
        0.12,
        -0.14,
        1.18,
        0.26,
        -0.06,
        -0.02,
        -0.32,
        0.27,
        0.8,
        0.54,
        0.18,
        -0.02,
        0.23,
        -0.18,
        -0.06,
        0.3,
        0.07,
        -0.07,
    ],
    v=[
        0.0156,
        0.0216,
        0.0279,
        0.1391,
        0.1362,
        0.0106,
        0.0106,
        0.0484,
        0.0269,
        0.063,
        0.0912,
        0.0497,
        0.0835,
        0.0841,
        0.0253,
        0.0279,
        0.0193,
        0.0088,
        0.0303,
    ],
)

#: St John's wort against placebo in major depression, responders (Linde et al. 2005; Viechtbauer
#: 2007).
HYPERICUM = tables(
    [
        (20, 25, 11, 25),
        (14, 20, 9, 20),
        (4, 25, 2, 25),
        (20, 32, 6, 33),
        (28, 50, 13, 55),
        (34, 48, 25, 49),
        (35, 53, 12, 54),
        (24, 49, 16, 49),
        (45, 80, 12, 79),
        (67, 106, 22, 47),
        (34, 60, 17, 59),
        (46, 70, 34, 70),
        (55, 123, 57, 124),
        (23, 37, 15, 35),
        (26, 98, 19, 102),
        (46, 113, 56, 116),
        (98, 186, 80, 189),
    ]
)

#: Acupuncture against nausea after surgery (Lee & Done 2004; Henmi & Copas 2010).
ACUPUNCTURE = tables(
    [
        (18, 100, 20, 100),
        (5, 50, 18, 50),
        (9, 20, 7, 20),
        (32, 135, 31, 139),
        (9, 23, 10, 23),
        (11, 18, 12, 18),
        (69, 122, 80, 122),
        (3, 25, 12, 25),
        (1, 30, 1, 30),
        (11, 30, 19, 30),
        (7, 44, 16, 39),
        (4, 47, 6, 47),
        (1, 30, 13, 30),
        (24, 40, 71, 80),
        (16, 50, 53, 88),
        (28, 110, 25, 111),
    ]
)
