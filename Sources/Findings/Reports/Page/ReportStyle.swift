/// The stylesheet: system fonts, light and dark, print, and a palette that colour-blind readers can tell apart
/// (Okabe and Ito, "Color universal design", 2008; lighter tones of the same hues on dark ground).
///
/// It must hold neither `<` nor `&`, so that both HTML and XML read it as it stands.
enum ReportStyle {
    static let sheet = colours + page + parts + figures + adaptations
    /// For figures outside of a page.
    static let figureSheet = colours + figures

    private static let colours = """
        :root{--ground:var(--paper);--paper:#fbfbf9;--panel:#ffffff;--ink:#1c2430;--soft:#56606e;--line:#dfe2e6;--faint:#eef0f2;
        --link:#00588c;--blue:#0072b2;--orange:#d55e00;--loses:#a84700;--green:#007a5a;--purple:#a8538a;--amber:#b87a00;--sky:#3a8fc4;
        --heat:#0b5c8e;--warn:#fff4e5;--good:#e8f5f0;--bad:#fdeee6;--even:#eef2f6;--target:#1c2430;
        --ontarget:#ffffff}
        @media (prefers-color-scheme:dark){:root{--paper:#14181d;--panel:#1b2027;--ink:#e7eaee;--soft:#a5afbb;
        --line:#343c46;--faint:#252c34;--link:#7cc4f0;--blue:#56b4e9;--orange:#f0883e;--loses:#f5a267;--green:#3cc79c;--purple:#d893c0;
        --amber:#e6b450;--sky:#9bd0f0;--heat:#56b4e9;--warn:#33291a;--good:#16302a;--bad:#38241a;
        --even:#232a33;--target:#e7eaee;--ontarget:#14181d}}

        """

    private static let page = """
        *{box-sizing:border-box}
        html{-webkit-text-size-adjust:100%}
        body{margin:0;background:var(--paper);color:var(--ink);font:16px/1.6 system-ui,-apple-system,"Segoe UI",Roboto,
        "Helvetica Neue","Noto Sans","Liberation Sans",Arial,sans-serif;overflow-wrap:break-word}
        a{color:var(--link);text-underline-offset:.18em;text-decoration-thickness:1px}
        :focus-visible{outline:3px solid var(--sky);outline-offset:2px;border-radius:3px}
        main:focus{outline:none}
        .skip{position:absolute;left:-999px;top:0;background:var(--panel);padding:.6em 1em;z-index:2}
        .skip:focus{left:8px;top:8px}
        .hidden{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
        .masthead,.frame,footer{max-width:1180px;margin:0 auto;padding:0 32px}
        .masthead{padding-top:56px;padding-bottom:8px}
        .kicker{margin:0 0 8px;font-size:13px;letter-spacing:.09em;text-transform:uppercase;color:var(--soft)}
        h1{font-size:36px;line-height:1.18;margin:0;font-weight:650;letter-spacing:-.015em;max-width:28em;text-wrap:balance}
        .subtitle{margin:10px 0 0;font-size:18px;color:var(--soft);max-width:44em}
        .frame{display:grid;grid-template-columns:190px minmax(0,1fr);gap:48px;align-items:start}
        nav{position:sticky;top:0;padding:36px 0;font-size:14px;line-height:1.4;max-height:100vh;overflow:auto}
        .navtitle{margin:0 0 10px;font-size:13px;color:var(--soft)}
        nav ol{list-style:none;margin:0;padding:0;border-left:1px solid var(--line)}
        nav a{display:block;padding:5px 0 5px 14px;color:var(--soft);text-decoration:none}
        nav a:hover{color:var(--ink);text-decoration:underline}
        main{padding:12px 0 64px;min-width:0}
        section{padding-top:24px}
        section+section{border-top:1px solid var(--line);margin-top:40px}
        h2{font-size:25px;line-height:1.25;font-weight:640;letter-spacing:-.01em;margin:12px 0 12px;scroll-margin-top:16px}
        h3{font-size:18px;line-height:1.35;font-weight:640;margin:32px 0 8px;scroll-margin-top:16px}
        h4{font-size:15.5px;line-height:1.4;font-weight:640;margin:28px 0 6px;scroll-margin-top:16px}
        p,ul,ol{margin:0 0 12px}
        .lead,.prose,section>ul{max-width:44em}
        .lead{font-size:17px}
        section>ul:not(.index){padding-left:1.2em}
        section>ul:not(.index) li{margin:0 0 8px}
        footer{padding-top:20px;padding-bottom:40px;border-top:1px solid var(--line);color:var(--soft);font-size:14px}

        """

    private static let parts = """
        .facts{display:grid;grid-template-columns:repeat(auto-fit,minmax(140px,1fr));margin:20px 0;padding:0;
        background:var(--panel);border:1px solid var(--line);border-radius:10px;overflow:hidden}
        .facts div{padding:14px 16px;box-shadow:1px 0 0 var(--line),0 1px 0 var(--line)}
        .facts dt{font-size:13px;line-height:1.35;color:var(--soft)}
        .facts dd{margin:3px 0 0;font-size:22px;line-height:1.25;font-weight:620;font-variant-numeric:tabular-nums}
        .facts dd.note{font-size:13px;line-height:1.4;font-weight:400;color:var(--soft)}
        .answer{display:flex;gap:12px;margin:18px 0;padding:14px 18px;border-radius:10px;background:var(--even);max-width:50em}
        .answer.beats{background:var(--good)}
        .answer.loses{background:var(--bad)}
        .answer .sign{font-weight:700}
        .notice{margin:12px 0;padding:10px 16px;border-left:3px solid var(--sky);background:var(--even);
        border-radius:0 8px 8px 0;font-size:15px;max-width:52em}
        .notice.warning{border-left-color:var(--amber);background:var(--warn)}
        code,pre{font-family:ui-monospace,"SF Mono",Menlo,Consolas,"Liberation Mono",monospace;font-size:13px}
        .notice code{color:var(--soft)}
        pre{margin:8px 0;padding:16px;background:var(--panel);border:1px solid var(--line);border-radius:10px;overflow:auto;
        line-height:1.5}
        .scroll{overflow-x:auto}
        div.scroll:has(table){margin:14px 0 20px;border:1px solid var(--line);border-radius:10px;background:var(--panel);
        max-height:560px;overflow:auto;width:fit-content;min-width:min(100%,520px);max-width:100%}
        table{border-collapse:collapse;width:100%;font-size:14px;line-height:1.4;font-variant-numeric:tabular-nums}
        caption{text-align:left;padding:12px 14px 8px;font-weight:620}
        th,td{padding:7px 12px;text-align:left;vertical-align:baseline;border-top:1px solid var(--faint);white-space:nowrap}
        tbody td{text-align:right}
        tbody td.l{text-align:left;white-space:normal;min-width:7em}
        td i{font-style:normal;color:var(--soft);font-size:13px}
        [style^="--p"]::before{content:"";display:inline-block;width:56px;height:6px;margin-right:8px;border-radius:3px;
        background:linear-gradient(90deg,var(--blue) var(--p),var(--faint) 0);vertical-align:middle}
        thead th{position:sticky;top:0;white-space:normal;vertical-align:bottom;background:var(--panel);color:var(--soft);font-weight:500;border-top:0;
        box-shadow:inset 0 -1px 0 var(--line)}
        thead th.n{min-width:7em}
        tbody th{font-weight:500;white-space:normal;min-width:9em;max-width:20em}
        tbody tr:first-child>*{border-top:0}
        tbody tr:hover{background:var(--faint)}
        .n{text-align:right}
        [hidden]{display:none!important}
        .tools{display:flex;flex-wrap:wrap;align-items:center;gap:6px 14px;margin:14px 0 -6px;font-size:14px;color:var(--soft)}
        .tools label{display:flex;align-items:center;gap:8px}
        .tools input{font:inherit;color:var(--ink);background:var(--panel);border:1px solid var(--soft);border-radius:8px;
        padding:4px 10px;width:16em;max-width:60vw}
        .tools+.index{margin-top:16px}
        .sort{font:inherit;color:inherit;text-align:inherit;background:none;border:0;padding:2px 0;margin:0;cursor:pointer}
        .sort:hover{text-decoration:underline}
        .sort::after{content:" ↕";content:" ↕"/""}
        [aria-sort=ascending]>.sort::after{content:" ▲";content:" ▲"/""}
        [aria-sort=descending]>.sort::after{content:" ▼";content:" ▼"/""}
        th[aria-sort]{color:var(--ink)}
        .tag{display:inline-block;padding:0 8px;border:1px solid var(--line);border-radius:10px;font-size:12.5px;
        line-height:1.55;color:var(--soft);white-space:nowrap;background:var(--paper)}
        .verdict{white-space:nowrap;font-weight:560}
        .verdict.beats{color:var(--green)}
        .verdict.loses{color:var(--loses)}
        .verdict.ties{color:var(--soft)}
        .empty{color:var(--soft)}
        .index{list-style:none;display:flex;flex-wrap:wrap;gap:6px 8px;margin:14px 0;padding:0}
        .index li{margin:0}
        .index a{display:inline-block;padding:1px 10px;border:1px solid var(--line);border-radius:14px;font-size:14px;
        background:var(--panel);text-decoration:none;max-width:22em;overflow:hidden;text-overflow:ellipsis;white-space:nowrap}
        .index a:hover{text-decoration:underline}
        .card{--ground:var(--panel);margin:10px 0;border:1px solid var(--line);border-radius:12px;background:var(--panel)}
        .card>summary{display:flex;flex-wrap:wrap;align-items:center;gap:4px 10px;padding:12px 18px;cursor:pointer;
        list-style:none}
        .card>summary::-webkit-details-marker{display:none}
        .card>summary::before{content:"";width:7px;height:7px;border:solid var(--soft);border-width:0 1.5px 1.5px 0;
        transform:rotate(-45deg);flex:none}
        .card[open]>summary::before{transform:rotate(45deg)}
        .card>summary h3,.card>summary h4{margin:0;min-width:0;max-width:calc(100% - 20px)}
        .dense{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,300px),1fr));gap:10px;align-items:start}
        .dense .card{margin:0}
        .dense .card[open]{grid-column:1/-1}
        .dense .card>summary{padding:8px 14px}
        .aside{color:var(--soft);font-size:14.5px}
        .cardbody{padding:4px 18px 18px;scroll-margin-top:64px}
        .cardbody>h4:first-child{margin-top:8px}
        .references li{margin:0 0 8px;max-width:46em}

        """

    private static let figures = """
        figure{margin:18px 0 24px;min-width:0}
        .gallery{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,372px),1fr));gap:8px 32px;
        align-items:start}
        .gallery.small{grid-template-columns:repeat(auto-fill,minmax(min(100%,240px),1fr));gap:8px 24px}
        .gallery figure{margin:10px 0}
        figcaption{margin-top:6px;font-size:14px;line-height:1.5;color:var(--soft);max-width:48em}
        figcaption strong{color:var(--ink);font-weight:620}
        .numbers{margin-top:4px;font-size:13.5px;color:var(--soft)}
        .numbers>summary{cursor:pointer}
        .fig{display:block;width:100%;height:auto;font-family:inherit}
        .fig text{font-size:12px;fill:var(--ink)}
        .fig text[font-size="11"]{font-size:11px}
        .fig text[font-size="10.5"]{font-size:10.5px}
        .fig .tick,.fig .label{fill:var(--soft)}
        .fig .tick,.fig .name{font-size:11px}
        .fig .tick text{fill:var(--soft);font-size:11px}
        .fig .strong,.fig .strong text{font-weight:640}
        .fig .bar{fill-opacity:.78}
        .fig .grid{stroke:var(--faint);stroke-width:1;fill:none}
        .fig .axis,.fig .frame{stroke:var(--line);stroke-width:1;fill:none}
        .fig .void{stroke:var(--soft);stroke-width:1.2;stroke-opacity:.6}
        .fig .zero{stroke:var(--soft);stroke-width:1}
        .fig .cut{stroke:var(--ink);stroke-width:1.2;stroke-dasharray:4 3}
        .fig .stripe{fill:var(--faint);fill-opacity:.45}
        .fig .whisker{stroke:var(--ink);stroke-width:1.2;fill:none}
        .fig .up{fill:var(--orange)}
        .fig .down{fill:var(--blue)}
        .fig .heat{fill:var(--heat)}
        .fig .cells path{fill:none;stroke-width:1}
        .fig .cells .heat{stroke:var(--heat)}.fig .cells .up{stroke:var(--orange)}.fig .cells .down{stroke:var(--blue)}
        .fig .gaps{stroke:var(--ground);stroke-width:1}
        .fig .tree{fill:none;stroke:var(--soft);stroke-width:1}
        .fig .minus{stroke:var(--ground);stroke-width:1.5}
        .fig .outline{fill:none;stroke:var(--ink);stroke-width:1.6}
        .fig .seen{fill:var(--panel);stroke:var(--ink);stroke-width:1.6}
        .fig .ink{fill:var(--ink)}
        .fig .rest{fill:none;stroke:var(--soft);stroke-width:3.4;stroke-linecap:round;stroke-opacity:.75}
        .fig .leader{stroke:var(--soft);stroke-width:.8}
        .fig .hollow{fill:none;stroke:var(--orange);stroke-width:1.2}
        .fig .before{fill:var(--faint);stroke:var(--soft);stroke-width:1}
        .fig .node{fill:var(--panel);stroke:var(--soft);stroke-width:1.2}
        .fig .node.target{fill:var(--target);stroke:var(--target)}
        .fig .ontarget{fill:var(--ontarget);font-weight:600}
        .fig .edge{fill:none;stroke:var(--soft);stroke-linecap:round;stroke-opacity:.82}
        .fig line.edge{stroke-width:2}
        .fig line.edge.wide{stroke-width:3.6}
        .fig .edge.up{stroke:var(--orange)}
        .fig .edge.down{stroke:var(--blue);stroke-dasharray:7 4}
        .fig .edge.missed{stroke:var(--soft);stroke-dasharray:1 4}
        .fig line.edge.bar{stroke-width:2.6;stroke-dasharray:none;stroke-opacity:1}
        .fig .head{fill:var(--soft)}
        .fig .head.up{fill:var(--orange)}
        .fig .f0{fill:var(--blue)}.fig .f1{fill:var(--orange)}.fig .f2{fill:var(--green)}
        .fig .f3{fill:var(--purple)}.fig .f4{fill:var(--amber)}.fig .f5{fill:var(--soft)}
        .fig .s0,.fig .s1,.fig .s2,.fig .s3,.fig .s4,.fig .s5{fill:none;stroke-width:2;stroke-linejoin:round}
        .fig .s0,.fig .w0{stroke:var(--blue)}.fig .s1,.fig .w1{stroke:var(--orange)}
        .fig .s2,.fig .w2{stroke:var(--green)}.fig .s3,.fig .w3{stroke:var(--purple)}
        .fig .s4,.fig .w4{stroke:var(--amber)}.fig .s5,.fig .w5{stroke:var(--soft)}
        .fig .s1{stroke-dasharray:7 3}.fig .s2{stroke-dasharray:2 3}.fig .s3{stroke-dasharray:9 3 2 3}
        .fig .s4{stroke-dasharray:4 4}.fig .s5{stroke-dasharray:1 4}
        .fig .w0,.fig .w1,.fig .w2,.fig .w3,.fig .w4,.fig .w5{stroke-width:1.6;stroke-opacity:.6}
        .fig .b0{fill:var(--blue)}.fig .b1{fill:var(--orange)}.fig .b2{fill:var(--green)}
        .fig .b3{fill:var(--purple)}.fig .b4{fill:var(--amber)}.fig .b5{fill:var(--soft)}
        .fig .b0,.fig .b1,.fig .b2,.fig .b3,.fig .b4,.fig .b5{fill-opacity:.16}

        """

    private static let adaptations = """
        @media (max-width:960px){.frame{display:block}
        nav{position:static;padding:20px 0 0;max-height:none}
        nav ol{display:flex;flex-wrap:wrap;gap:4px 18px;border:0}nav a{padding:2px 0;text-decoration:underline}}
        @media (max-width:560px){.masthead,.frame,footer{padding-left:16px;padding-right:16px}
        .masthead{padding-top:32px;padding-bottom:20px}h1{font-size:27px}.subtitle{font-size:16px}h2{font-size:22px}
        .facts{grid-template-columns:repeat(2,minmax(0,1fr))}.facts dd{font-size:19px}.facts div{padding:10px 12px}
        .card>summary{padding:10px 12px}.cardbody{padding:2px 12px 12px}th,td{padding:6px 10px}}
        @media print{:root{--paper:#fff;--panel:#fff;--ink:#000;--soft:#444;--line:#bbb;--faint:#e6e6e6;--link:#000;
        --blue:#0072b2;--orange:#d55e00;--green:#007a5a;--purple:#a8538a;--amber:#b87a00;--heat:#0b5c8e;
        --warn:#fff;--good:#fff;--bad:#fff;--even:#fff;--target:#000;--ontarget:#fff}
        *{print-color-adjust:exact;-webkit-print-color-adjust:exact}
        body{font-size:10.5pt}.skip,.index,.numbers,.tools,nav{display:none}.sort::after{content:none!important}.frame{display:block}
        .masthead,.frame,footer{max-width:none;padding-left:0;padding-right:0}.masthead{padding-top:0}
        .dense{display:block}details.card{margin:10px 0}
        details.card::details-content{content-visibility:visible;block-size:auto}
        pre{white-space:pre-wrap}
        div.scroll:has(table),.scroll{overflow:visible;max-height:none}.fig{min-width:0!important}
        table{font-size:9pt}th,td{padding:3px 6px;white-space:normal}thead{display:table-header-group}
        thead th{position:static}figure,tr,.facts,.notice{break-inside:avoid}h2,h3,h4,summary{break-after:avoid}
        .notice,.answer{border:1px solid var(--line)}}

        """
}
