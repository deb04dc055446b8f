"""The binary results of the tacrolimus paper, and what other conventions would have given."""

import metapool as mp


def line(name: str, pooled: mp.Pooled[float]) -> str:
    shown = pooled.display
    interval = f"({shown.ci_low:.2f} to {shown.ci_high:.2f})"
    return f"{name}: {pooled.measure} {shown.estimate:.2f} {interval}, P {pooled.p_value:.2g}"


remission = mp.meta_analysis(mp.examples.remission(), "RR", totals="subgroups")
for comparator, subgroup in remission.subgroups.items():
    print(line(f"Remission against {comparator}", subgroup.pooled))
print(line("Nephrotoxicity", mp.meta_analysis(mp.examples.nephrotoxicity(), "OR").pooled))
print(line("Hypertrichosis", mp.meta_analysis(mp.examples.hypertrichosis(), "OR").pooled))
harbord = mp.small_study_test(mp.examples.remission(), "harbord")
print(f"Remission, Harbord's test: t {harbord.statistic:.2f}, P {harbord.p_value:.3f}")

print("\nOther conventions:")
iv = mp.REVMAN5.replace(dl_q_centre="iv")
other = mp.meta_analysis(mp.examples.remission(), "RR", totals="subgroups", conventions=iv)
print(line("Q about the inverse-variance mean", other.subgroups["Ciclosporin A"].pooled))
raw = mp.REVMAN5.replace(mh_cc_when="none")
print(line("No correction, nephrotoxicity", mp.pool(mp.examples.nephrotoxicity(), "OR", "MH", raw)))
status = mp.pool(mp.examples.hypertrichosis(), "OR", "MH", raw).status
print(f"No correction, hypertrichosis: {mp.Status(status).name}")
