# SPDX-License-Identifier: Apache-2.0
"""The page of `headers --html` in a real browser.

With SENDCONNECTOR_TEST_PICTURES=DIR in the environment, pictures of the pages are left there.
"""

import os
import pathlib
import unittest

from harness import browser, ctl
from harness.test_case import WorldCase
from harness.workspace import Workspace

FIXTURES = pathlib.Path(__file__).resolve().parent.parent / "fixtures/headers"

# One that has every part of the page, and those that have something to say in colour.
COLOURFUL = ("eop_inbound_clean", "eop_phishing_impersonation", "queued_for_hours",
             "broken_clock_in_the_middle", "arc_with_a_hole", "spamassassin_spam")
WIDE, NARROW = 1280, 360

TAGS = """[...new Set([...document.querySelectorAll("body *")].map(e => e.localName))]"""
KNOWN_TAGS = {"b", "bdi", "br", "dd", "details", "div", "dl", "dt", "footer", "h1", "h2", "h3", "header",
              "i", "li", "main", "p", "rect", "section", "small", "span", "summary", "svg", "table",
              "tbody", "td", "th", "thead", "tr", "ul", "wbr"}
# What acts, or is fetched, has such an attribute.
ATTRIBUTES = """[...new Set([...document.querySelectorAll("body *")].flatMap(e => e.getAttributeNames()))]"""
KNOWN_ATTRIBUTES = {"class", "data-label", "open", "viewbox", "viewBox", "preserveAspectRatio",
                    "aria-hidden", "width", "height"}
OUTSIDE = """[...document.querySelectorAll("body *")].filter(e => {
    const box = e.getBoundingClientRect();
    return box.width > 0 && (box.right > innerWidth + 1 || box.left < -1);
}).map(e => e.outerHTML.slice(0, 200))"""
OVERFLOW = "document.documentElement.scrollWidth - innerWidth"
CUT_OFF = """[...document.querySelectorAll("main, section, details, .chip, td, dd, li")].filter(
    e => e.scrollWidth > e.clientWidth + 1 && e.clientWidth > 0).map(e => e.outerHTML.slice(0, 200))"""
# Text, and what it stands on, as WCAG 2 counts (1.4.3); the worst of the page.
CONTRAST = """(() => {
    const parts = colour => colour.match(/[\\d.]+/g).map(Number);
    const light = colour => {
        const [r, g, b] = parts(colour).map(c => c / 255).map(
            c => c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
        return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    };
    const ground = e => {
        for (; e; e = e.parentElement) {
            const colour = getComputedStyle(e).backgroundColor;
            if (parts(colour).length < 4) return colour;
        }
        return "rgb(255, 255, 255)";
    };
    let worst = {ratio: 99};
    for (const e of document.querySelectorAll("body *")) {
        if (![...e.childNodes].some(n => n.nodeType == 3 && n.data.trim())) continue;
        const [a, b] = [light(getComputedStyle(e).color), light(ground(e))].sort((x, y) => y - x);
        const ratio = (a + 0.05) / (b + 0.05);
        if (ratio < worst.ratio) worst = {ratio, element: e.outerHTML.slice(0, 200)};
    }
    return worst;
})()"""


@unittest.skipUnless(browser.installed(),
                     "NO BROWSER, the page is not tested: apt-get install chromium-headless-shell")
class HeadersPage(WorldCase):
    """Every header that we have, as a page."""

    time_limit = 180
    weight = 40

    @classmethod
    def build_world(cls):
        cls.workspace = Workspace("page")
        cls.addClassCleanup(cls.workspace.close)
        configuration = cls.workspace.write("sendconnector.toml", """
[[connector]]
name = "Contoso & <Söhne>"
senders = ["contoso.example"]
address_spaces = ["*"]
dns_routing_enabled = false
smart_hosts = ["[smtp.smart.example]:587"]
fqdn = "out.contoso.example"
""")
        cls.ctl = ctl.Ctl(configuration)
        cls.browser = browser.Browser()
        cls.addClassCleanup(cls.browser.close)

    def page(self, name):
        """The file of a fixture's page; None where there is no header field in it."""
        path = self.workspace.path / f"{name}.html"
        answer = self.ctl.run("headers", FIXTURES / f"{name}.eml", f"--html={path}")
        if answer.code == 2 and "no header field" in answer.stderr:
            return None
        self.assertEqual((answer.code, answer.stderr), (0, ""))
        return path

    def open(self, name, **look):
        path = self.page(name)
        self.browser.open(path, **look)
        folder = os.environ.get("SENDCONNECTOR_TEST_PICTURES")
        if folder:
            label = "_".join([name, *(f"{key}_{value}" for key, value in look.items())])
            pathlib.Path(folder, f"{label}.png").write_bytes(self.browser.picture())
        return path

    def test_no_header_gets_out_of_the_text(self):
        names = sorted(path.stem for path in FIXTURES.glob("*.eml"))
        self.assertGreaterEqual(len(names), 100)
        shown = 0
        for name in names:
            with self.subTest(name):
                path = self.page(name)
                if path is None:
                    continue
                shown += 1
                self.browser.open(path, width=NARROW)
                self.assertEqual(self.browser.ask(OUTSIDE), [])
                self.assertLessEqual(self.browser.ask(OVERFLOW), 0)
                self.browser.open(path, width=WIDE)
                self.assertEqual(self.browser.requested(), [f"file://{path}"])
                self.assertEqual(self.browser.complaints(), [])
                self.assertLessEqual(set(self.browser.ask(TAGS)), KNOWN_TAGS)
                self.assertLessEqual(set(self.browser.ask(ATTRIBUTES)), KNOWN_ATTRIBUTES)
                self.assertEqual(self.browser.ask(OUTSIDE), [])
                self.assertLessEqual(self.browser.ask(OVERFLOW), 0)
                # The style sheet is the one that the page's own policy lets pass.
                self.assertEqual(self.browser.ask("getComputedStyle(document.body).marginTop"), "0px")
        self.assertGreaterEqual(shown, len(names) - 5)

    def test_a_long_word_in_any_place_wraps(self):
        self.assertIn("w" * 400, (FIXTURES / "hostile_words_without_end.eml").read_text(encoding="utf-8"))
        for width in (NARROW, 600, 900, WIDE):
            with self.subTest(width=width):
                self.open("hostile_words_without_end", width=width)
                self.assertLessEqual(self.browser.ask(OVERFLOW), 0)
                self.assertEqual(self.browser.ask(OUTSIDE), [])
                # Nor is anything cut off by what it stands in.
                self.assertEqual(self.browser.ask(CUT_OFF), [])

    def test_everything_can_be_read_in_light_and_dark_wide_and_narrow(self):
        for name in COLOURFUL:
            for dark in (False, True):
                for width in (WIDE, NARROW):
                    with self.subTest(name, dark=dark, width=width):
                        self.open(name, width=width, dark=dark)
                        worst = self.browser.ask(CONTRAST)
                        self.assertGreaterEqual(worst["ratio"], 4.5, worst)
        self.browser.open(self.page(COLOURFUL[0]), dark=False)
        ground = "getComputedStyle(document.body).backgroundColor"
        light = self.browser.ask(ground)
        self.browser.open(self.page(COLOURFUL[0]), dark=True)
        self.assertNotEqual(self.browser.ask(ground), light)

    def test_hops_and_the_connector_are_where_one_looks(self):
        self.open("postfix_connector_to_smarthost", width=WIDE)
        rows = self.browser.ask('[...document.querySelectorAll(".hops tbody tr")].map(e => e.innerText)')
        self.assertEqual(len(rows), 3)
        self.assertIn("smtp-a.smart.example", rows[1])
        self.assertIn("TLS_AES_256_GCM_SHA384", rows[1])
        self.assertIn("Contoso & <Söhne>", rows[1])
        self.assertNotIn("Contoso & <Söhne>", rows[0] + rows[2])
        bars = self.browser.ask('[...document.querySelectorAll(".delay rect")]'
                                '.map(e => e.getBoundingClientRect().width)')
        # 2 seconds and 1 second.
        self.assertEqual(len(bars), 2)
        self.assertAlmostEqual(bars[0], 2 * bars[1], delta=1)
        self.assertGreater(bars[0], 50)

    def test_script_in_a_header_is_text(self):
        self.open("hostile_html_and_script", width=WIDE)
        self.assertIn("<script>", self.browser.ask("document.body.innerText"))
        self.assertEqual(self.browser.ask("document.scripts.length"), 0)
        self.assertEqual(self.browser.ask("document.querySelectorAll('style').length"), 1)
