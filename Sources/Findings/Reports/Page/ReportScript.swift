/// The page's only script: it sorts tables, filters their rows, finds cards, and opens all parts for printing.
///
/// The page says everything without it: buttons and boxes appear only where it runs. It loads nothing, keeps nothing and
/// sends nothing. It must hold neither `<` nor `&`, so that both HTML and XML read it as it stands; the page's policy
/// (`digest`) lets no other script run.
enum ReportScript {
    /// The text's SHA-256, as content security policies name it.
    static let digest = "sha256-YsgzE9neAY0e74+da7BGket8d48GRHx8iBn97v2AsN0="

    static let text = #"""
        (() => {
        "use strict";
        const collator = new Intl.Collator("en", {numeric: true, sensitivity: "base"});
        const element = (name, attributes, ...children) => {
          const made = document.createElement(name);
          for (const key in attributes) made.setAttribute(key, attributes[key]);
          made.append(...children);
          return made;
        };
        const spoken = element("div", {class: "hidden", role: "status"});

        // A number as the page writes it, such as −1,234.5 or 1.2×10⁻⁵ or ∞, at the start of a text.
        const number = text => {
          const found = /^([−-]?)(∞|\d[\d.,]*)(×?)(?:10)?([⁻⁰¹²³⁴⁵⁶⁷⁸⁹]*)/.exec(text);
          if (!found) return NaN;
          const sense = found[1] ? -1 : 1;
          if (found[2] === "∞") return sense * Infinity;
          const mantissa = found[2].replace(/,/g, "");
          const power = [...found[4]].map(digit => digit === "⁻" ? "-" : "⁰¹²³⁴⁵⁶⁷⁸⁹".indexOf(digit)).join("");
          return sense * Number(power === "" ? mantissa : (found[3] ? mantissa : "1") + "e" + power);
        };
        const compare = (a, b) => a > b ? 1 : b > a ? -1 : 0;

        // What has no value stays at the end, whichever way is asked for.
        const sorted = (rows, column, numeric, descending) => {
          const keyed = rows.map(row => {
            const text = row.cells[column].textContent.trim();
            return {row, key: numeric ? number(text) : text, empty: numeric ? isNaN(number(text)) : text === "" || text === "–"};
          });
          const order = numeric ? compare : collator.compare;
          const present = keyed.filter(entry => !entry.empty);
          present.sort((a, b) => descending ? order(b.key, a.key) : order(a.key, b.key));
          return [...present, ...keyed.filter(entry => entry.empty)].map(entry => entry.row);
        };

        const makeSortable = (table, rows) => {
          const heads = [...table.tHead.rows[0].cells];
          heads.forEach((head, column) => {
            const title = head.textContent.trim();
            if (!title) return;
            const numeric = head.classList.contains("n");
            const ways = numeric ? ["descending", "ascending"] : ["ascending", "descending"];
            const button = element("button", {type: "button", class: "sort"}, ...head.childNodes);
            head.append(button);
            button.addEventListener("click", () => {
              const next = ways[ways.indexOf(head.getAttribute("aria-sort")) + 1];
              heads.forEach(other => other.removeAttribute("aria-sort"));
              if (next) head.setAttribute("aria-sort", next);
              table.tBodies[0].append(...(next ? sorted(rows, column, numeric, next === "descending") : rows));
              spoken.textContent = next ? `Sorted by ${title}, ${next}.` : "In the order of the report.";
            });
          });
        };

        // A box that hides the items whose text lacks one of its words, and says how many are left.
        const finder = (label, name, items, texts, noun) => {
          const count = element("output", {});
          const box = element("input", {type: "search", "aria-label": `${label}: ${name}`, spellcheck: "false"});
          const lower = texts.map(text => text.toLowerCase());
          box.addEventListener("input", () => {
            const words = box.value.toLowerCase().split(/\s+/);
            let left = 0;
            items.forEach((parts, index) => {
              const shown = words.every(word => lower[index].includes(word));
              parts.forEach(part => { part.hidden = !shown; });
              if (shown) left += 1;
            });
            count.textContent = box.value.trim() ? `${left} of ${items.length} ${noun}` : "";
          });
          return element("div", {class: "tools"}, element("label", {}, `${label} `, box), count);
        };

        const done = new WeakSet();
        const enhance = table => {
          if (done.has(table) || table.closest("details:not([open])")) return;
          done.add(table);
          const rows = [...table.tBodies[0].rows];
          if (3 > rows.length) return;
          makeSortable(table, rows);
          if (10 > rows.length) return;
          const name = table.caption ? table.caption.textContent : "table";
          const texts = rows.map(row => [...row.cells].map(cell => cell.textContent).join(" "));
          table.closest(".scroll").before(finder("Filter rows", name, rows.map(row => [row]), texts, "rows"));
        };

        document.body.append(spoken);
        document.querySelectorAll("table").forEach(enhance);
        // Tables of closed parts wait until these are opened: a page may hold hundreds.
        document.addEventListener("toggle", event => {
          if (event.target.open) event.target.querySelectorAll("table").forEach(enhance);
        }, true);
        document.querySelectorAll(".cards").forEach(group => {
          const cards = [...group.children];
          if (12 >= cards.length) return;
          const links = [...group.previousElementSibling.children];
          const texts = cards.map(card => card.firstElementChild.textContent);
          const heading = group.closest("section").querySelector("h2").textContent;
          group.previousElementSibling.before(
            finder("Find", heading, cards.map((card, index) => [card, links[index]]), texts, "parts"));
        });

        let opened = [];
        addEventListener("beforeprint", () => {
          opened = [...document.querySelectorAll("details.card:not([open])")];
          opened.forEach(part => { part.open = true; });
        });
        addEventListener("afterprint", () => { opened.forEach(part => { part.open = false; }); });
        })();
        """#
}
