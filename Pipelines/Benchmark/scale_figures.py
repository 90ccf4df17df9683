"""Costs over cells, genes and perturbations, as one SVG of three panels: points as measured, lines by the laws."""
import math
from html import escape

VARIABLES = ["cells", "genes", "perturbations"]
# Of one lightness, so that all are seen on white and on black.
COLOURS = ["#d1495b", "#2a8fbd", "#3d9a50", "#b8860b", "#9467bd", "#8c6d5a", "#5f7f95"]
STYLE = """
text { font: 11px system-ui, sans-serif; fill: #24292f; }
.axis { stroke: #8b949e; stroke-width: 1; fill: none; }
.grid { stroke: #8b949e; stroke-opacity: .25; }
@media (prefers-color-scheme: dark) { text { fill: #d0d7de; } }
"""
WIDTH, HEIGHT, LEFT, TOP, GAP, LABELS = 230, 250, 48, 26, 150, 140


def power(exponent):
    """A power of ten, as it is written."""
    return {-2: ".01", -1: ".1", 0: "1", 1: "10", 2: "100", 3: "1,000"}.get(exponent) or f"10{superscript(exponent)}"


def superscript(value):
    return str(value).translate(str.maketrans("0123456789-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻"))


def sweep(rows, variable, base):
    """Rows of which the other two sizes are those of the base."""
    others = [name for name in VARIABLES if name != variable]
    return sorted((row for row in rows if all(row[name] == base[name] for name in others)), key=lambda row: row[variable])


def spread(places, least):
    """Moves labels apart: at least so far from one another, in their order."""
    moved = []
    for place in sorted(places, key=lambda item: item[0]):
        moved.append((max(place[0], moved[-1][0] + least) if moved else place[0], *place[1:]))
    return moved


def figure(series, rows, laws, used):
    """The figure of a series; `used` says whether exponents were fitted to a row."""
    counts = {name: {} for name in VARIABLES}
    for row in rows:
        for name in VARIABLES:
            counts[name][row[name]] = counts[name].get(row[name], 0) + 1
    # The base is the size that most rows share.
    base = {name: max(counts[name], key=counts[name].get) for name in VARIABLES}
    colours = dict(zip(laws, COLOURS, strict=False))
    seconds = [row["processor_s"] for row in rows if row["stage"] in laws and row["processor_s"] > 0]
    low, high = math.floor(math.log10(min(seconds))), math.ceil(math.log10(max(seconds)))

    def down(value):
        return TOP + HEIGHT * (high - math.log10(value)) / (high - low)

    whole = LEFT + 3 * WIDTH + 2 * GAP + LABELS
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {whole} {TOP + HEIGHT + 44}" role="img" '
        f'aria-label="Processor seconds of each stage over cells, genes and perturbations">',
        f"<title>Processor seconds of {series}</title><style>{STYLE}</style>",
        f'<text x="4" y="12">processor seconds</text>']
    for panel, variable in enumerate(VARIABLES):
        left = LEFT + panel * (WIDTH + GAP)
        points = sweep([row for row in rows if row["stage"] in laws], variable, base)
        first = math.floor(math.log10(points[0][variable]))
        last = math.ceil(math.log10(points[-1][variable]))

        def across(value, left=left, first=first, last=last):
            return left + WIDTH * (math.log10(value) - first) / (last - first)

        for exponent in range(low, high + 1):
            y = f"{down(10.0 ** exponent):.1f}"
            parts.append(f'<line class="grid" x1="{left}" x2="{left + WIDTH}" y1="{y}" y2="{y}"/>')
            parts.append(f'<text x="{left - 6}" y="{y}" dy="4" text-anchor="end">{power(exponent)}</text>')
        for exponent in range(first, last + 1):
            x = f"{across(10.0 ** exponent):.1f}"
            parts.append(f'<line class="grid" x1="{x}" x2="{x}" y1="{TOP}" y2="{TOP + HEIGHT}"/>')
            parts.append(f'<text x="{x}" y="{TOP + HEIGHT + 16}" text-anchor="middle">{power(exponent)}</text>')
        parts.append(f'<path class="axis" d="M{left} {TOP}V{TOP + HEIGHT}H{left + WIDTH}"/>')
        fixed = ", ".join(f"{base[name]:,.0f} {name}" for name in VARIABLES if name != variable)
        parts.append(f'<text x="{left + WIDTH / 2}" y="{TOP + HEIGHT + 34}" text-anchor="middle">{variable} ({fixed})</text>')
        labels = []
        for stage, law in laws.items():
            own = [row for row in points if row["stage"] == stage and row["processor_s"] > 0]
            for row in own:
                fill = colours[stage] if used(row) else "none"
                parts.append(f'<circle cx="{across(row[variable]):.1f}" cy="{down(row["processor_s"]):.1f}" r="3" '
                             f'fill="{fill}" stroke="{colours[stage]}"/>')
            fitted = [row for row in own if used(row)]
            if len(fitted) < 2:
                continue
            ends = [(row[variable], math.exp(law.at([1.0, *(math.log(row[v]) for v in VARIABLES)])))
                    for row in (fitted[0], fitted[-1])]
            line = "L".join(f"{across(x):.1f} {down(y):.1f}" for x, y in ends)
            parts.append(f'<path d="M{line}" stroke="{colours[stage]}" stroke-width="1.5" fill="none"/>')
            labels.append((down(own[-1]["processor_s"]), stage, across(own[-1][variable])))
        for y, stage, x in spread(labels, 13):
            parts.append(f'<text x="{x + 8:.1f}" y="{y:.1f}" dy="4" style="fill: {colours[stage]}">{escape(stage)}</text>')
    return "\n".join([*parts, "</svg>", ""])
