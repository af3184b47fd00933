"""The site in headless Chromium: no error, sorting, filtering, links, keys, a phone's width, and no script at all."""

import shutil

import pytest
from report_catalogue import OPEN, RAN, catalogue

from lab.report.site import write_pages

CHROMIUM, DRIVER = shutil.which("chromium") or shutil.which("chromium-browser"), shutil.which("chromedriver")
pytestmark = pytest.mark.skipif(not (CHROMIUM and DRIVER), reason="Chromium or chromedriver is not installed")
FLAGS = ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--window-size=1200,900",
         "--force-prefers-reduced-motion")  # fmt: skip
PHONE = {"width": 390, "height": 844, "deviceScaleFactor": 2, "mobile": True}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    out = tmp_path_factory.mktemp("site")
    write_pages(catalogue(tmp_path_factory.mktemp("store")), out)
    return out


@pytest.fixture(scope="module")
def browser():
    webdriver = pytest.importorskip("selenium.webdriver")
    options = webdriver.ChromeOptions()
    for flag in FLAGS:
        options.add_argument(flag)
    options.binary_location = CHROMIUM
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    driver = webdriver.Chrome(options=options, service=webdriver.ChromeService(DRIVER))
    yield driver
    driver.quit()


@pytest.fixture
def visit(browser, folder):
    def go(name):
        browser.get((folder / name).as_uri())
        return browser

    return go


def found(browser, selector):
    return browser.find_elements("css selector", selector)


def column(browser, nth):
    """The words of a column of the rows that are shown."""
    return [e.text for e in found(browser, f"table[data-filter] tbody tr:not([hidden]) > :nth-child({nth})")]


def test_every_page_opens_without_an_error_and_asks_for_nothing_elsewhere(visit, browser, folder):
    for path in sorted(folder.rglob("*.html")):
        visit(path.relative_to(folder))
        assert browser.get_log("browser") == []
        loaded = browser.execute_script("return performance.getEntriesByType('resource').map((e) => e.name)")
        assert all(address.startswith((folder.as_uri(), "data:")) for address in loaded)


def test_an_error_on_a_page_is_seen(browser, tmp_path):
    (tmp_path / "wrong.html").write_text("<script>nosuch();</script><script src='gone.js'></script>")
    browser.get((tmp_path / "wrong.html").as_uri())
    said = " ".join(entry["message"] for entry in browser.get_log("browser"))
    assert "nosuch is not defined" in said
    assert "ERR_FILE_NOT_FOUND" in said


def test_a_click_on_a_head_sorts_by_it_and_a_second_one_the_other_way(visit):
    browser = visit("index.html")
    given = column(browser, 1)
    head = found(browser, "table[data-filter] th button")[0]
    head.click()
    assert column(browser, 1) == sorted(given)
    assert found(browser, "th[aria-sort]")[0].get_attribute("aria-sort") == "ascending"
    head.click()
    assert column(browser, 1) == sorted(given, reverse=True)
    assert found(browser, "th[aria-sort]")[0].get_attribute("aria-sort") == "descending"


def test_numbers_sort_as_numbers_with_what_is_missing_last(visit):
    browser = visit("index.html")
    head = found(browser, "table[data-filter] th button")[5]
    for _ in range(2):
        head.click()
        assert column(browser, 6)[0] == "0.5"
        assert set(column(browser, 6)[1:]) == {"–"}


def test_words_and_choices_filter_the_rows_and_the_count_says_how_many(visit):
    browser = visit("index.html")
    search, verdict = found(browser, ".filters input")[0], found(browser, ".filters select")[1]
    search.send_keys("nesterov")
    assert [name.replace("\n", "") for name in column(browser, 1)] == [RAN]
    assert found(browser, ".filters output")[0].text == "1 of 3"
    search.clear()
    search.send_keys(" ")
    verdict.send_keys("not run yet")
    assert sorted(column(browser, 4)) == ["not run yet", "not run yet"]
    search.send_keys("no claim says this")
    assert column(browser, 1) == []
    assert found(browser, ".filters output")[0].text == "0 of 3"


def test_links_lead_from_the_overview_to_a_claim_its_problem_and_an_optimizer(visit):
    browser = visit("index.html")
    browser.find_element("css selector", f"a[href='claims/{RAN}.html']").click()
    assert RAN in browser.title
    browser.find_element("link text", "abs_power").click()
    assert browser.title.startswith("abs_power")
    browser.find_element("link text", "sgd").click()
    assert browser.title.startswith("sgd")
    browser.find_element("link text", "Matrix").click()
    browser.find_element("css selector", "td a[href='optimizers/adam.html#abs_power']").click()
    assert browser.execute_script("return document.querySelector('tr:target').id") == "abs_power"


def test_a_chart_is_switched_between_its_two_scales(visit):
    browser = visit(f"claims/{RAN}.html")
    shown = "return ['log', 'linear'].map((s) => getComputedStyle(document.querySelector(`svg .${s}`)).display)"
    assert browser.execute_script(shown) == ["inline", "none"]
    switch = found(browser, "button.switch")[0]
    assert switch.text == "linear scale"
    switch.click()
    assert browser.execute_script(shown) == ["none", "inline"]
    assert switch.text == "log scale"


def test_all_of_it_can_be_done_with_keys_alone(visit):
    browser = visit("index.html")
    focused, keys = browser.switch_to, pytest.importorskip("selenium.webdriver").Keys
    focused.active_element.send_keys(keys.TAB)
    assert focused.active_element.text == "Skip to the content"
    focused.active_element.send_keys(keys.ENTER)
    for _ in range(4):
        focused.active_element.send_keys(keys.TAB)
        if focused.active_element.tag_name == "button":
            break
    assert focused.active_element.tag_name == "button"
    focused.active_element.send_keys(keys.ENTER)
    assert found(browser, "th[aria-sort='ascending']")


@pytest.mark.parametrize("dark", [False, True])
def test_no_page_is_wider_than_a_phone(visit, browser, folder, dark):
    scheme = [{"name": "prefers-color-scheme", "value": "dark" if dark else "light"}]
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", PHONE)
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": scheme})
    try:
        for path in sorted(folder.rglob("*.html")):
            visit(path.relative_to(folder))
            width = browser.execute_script("return document.documentElement.scrollWidth")
            assert width <= PHONE["width"], f"{path.name} is {width} wide"
        ground = browser.execute_script("return getComputedStyle(document.body).backgroundColor")
        light = sum(map(int, ground[4:-1].split(","))) > 3 * 128
        assert light is not dark
    finally:
        browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
        browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": []})


def test_without_a_script_every_row_and_chart_is_there(visit, browser):
    browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
    try:
        visit("index.html")
        assert len(found(browser, "table[data-filter] tbody tr")) == 3
        assert found(browser, "button, input, select") == []
        visit(f"claims/{RAN}.html")
        assert found(browser, "svg.chart .log .line.measured")[0].is_displayed()
        visit(f"claims/{OPEN}.html")
        assert "not run yet" in found(browser, "p.todo")[0].text
    finally:
        browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": False})


def test_on_paper_there_is_no_menu(visit, browser):
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print"})
    try:
        visit(f"claims/{RAN}.html")
        for hidden in (".top", ".switch", "footer"):
            assert not found(browser, hidden)[0].is_displayed()
        assert found(browser, "svg.chart")[0].is_displayed()
    finally:
        browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": ""})
