using System.Globalization;
using Microsoft.Playwright;

namespace Muster.Browser.Tests;

/// <summary>Pages as a reader meets them: nothing is fetched, nothing runs, everything can be read.</summary>
public sealed class PageTests(Browser browser, Pages pages) : IClassFixture<Browser>, IClassFixture<Pages>
{
    // The lowest ratio that is called readable for text of this size (WCAG 2.2, 1.4.3).
    private const double LeastContrast = 4.5;

    private const string Contrasts =
        """
        () => {
          const parse = c => { const m = c.match(/[\d.]+/g).map(Number); return { r: m[0], g: m[1], b: m[2], a: m.length > 3 ? m[3] : 1 }; };
          const light = c => { const f = v => { v /= 255; return v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4; }; return 0.2126 * f(c.r) + 0.7152 * f(c.g) + 0.0722 * f(c.b); };
          const over = (t, u) => ({ r: t.r * t.a + u.r * (1 - t.a), g: t.g * t.a + u.g * (1 - t.a), b: t.b * t.a + u.b * (1 - t.a), a: 1 });
          const behind = e => { let c = null; for (; e; e = e.parentElement) { const b = parse(getComputedStyle(e).backgroundColor); if (b.a > 0) { c = c ? over(c, b) : b; if (c.a === 1) return c; } } return c ?? { r: 255, g: 255, b: 255, a: 1 }; };
          const low = [];
          const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
          while (walk.nextNode()) {
            const e = walk.currentNode.parentElement;
            if (!walk.currentNode.data.trim() || !e.checkVisibility() || ['title', 'desc', 'style', 'script'].includes(e.localName)) continue;
            const style = getComputedStyle(e), back = behind(e);
            const ink = over(parse(e.namespaceURI.endsWith('svg') ? style.fill : style.color), back);
            const [a, b] = [light(ink), light(back)].sort((x, y) => y - x);
            low.push(((a + 0.05) / (b + 0.05)).toFixed(2) + ' ' + walk.currentNode.data.trim().slice(0, 40));
          }
          return low;
        }
        """;

    public static TheoryData<string> All() => [.. Pages.Names];

    public static MatrixTheoryData<string, ColorScheme> Schemes() => new(Pages.Names, [ColorScheme.Light, ColorScheme.Dark]);

    public static MatrixTheoryData<string, int> Widths() => new(Pages.Names, [360, 800, 1_400]);

    [Theory]
    [MemberData(nameof(All))]
    public async Task A_page_asks_for_nothing_and_nothing_in_it_runs(string name)
    {
        await using var open = await browser.OpenAsync(pages.PathOf(name));
        open.Requests.ShouldHaveSingleItem();
        open.Complaints.ShouldBeEmpty();
        (await open.Page.EvaluateAsync<bool>("() => 'hacked' in window")).ShouldBeFalse();
        (await open.Page.EvaluateAsync<string[]>("() => [...document.querySelectorAll('script,img,iframe,object,embed,link,base,form,foreignObject')].map(e => e.outerHTML)")).ShouldBeEmpty();
        (await open.Page.EvaluateAsync<string[]>("() => [...document.querySelectorAll('*')].flatMap(e => [...e.attributes]).map(a => a.name).filter(n => n.startsWith('on') || n === 'style' || n === 'href' || n === 'src')"))
            .ShouldBeEmpty();
    }

    [Theory]
    [MemberData(nameof(All))]
    public async Task The_policy_lets_no_script_run_even_where_one_got_in(string name)
    {
        var spoiled = pages.PathOf(name) + ".spoiled.html";
        File.WriteAllText(spoiled, File.ReadAllText(pages.PathOf(name)).Replace("</body>", "<script>window.hacked=1</script><img src=\"https://example.com/x.png\" onerror=\"window.hacked=1\"></body>", StringComparison.Ordinal));
        await using var open = await browser.OpenAsync(spoiled);
        (await open.Page.EvaluateAsync<bool>("() => 'hacked' in window")).ShouldBeFalse();
        open.Left.ShouldHaveSingleItem("the policy stops the others before they leave");
        open.Complaints.ShouldContain(line => line.Contains("Content Security Policy", StringComparison.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Widths))]
    public async Task A_page_fits_its_window(string name, int width)
    {
        await using var open = await browser.OpenAsync(pages.PathOf(name), width: width);
        (await open.Page.EvaluateAsync<string[]>("() => document.documentElement.scrollWidth <= innerWidth ? [] : [...document.querySelectorAll('body *')].filter(e => e.getBoundingClientRect().right > innerWidth && !e.closest('.table,svg')).map(e => e.outerHTML.slice(0, 200)).concat('wider than its window')")).ShouldBeEmpty();
    }

    [Theory]
    [MemberData(nameof(Schemes))]
    public async Task Text_stands_out_from_what_is_behind_it(string name, ColorScheme scheme)
    {
        await using var open = await browser.OpenAsync(pages.PathOf(name), scheme);
        var texts = await open.Page.EvaluateAsync<string[]>(Contrasts);
        texts.Length.ShouldBeGreaterThan(5);
        texts.Where(text => double.Parse(text.Split(' ')[0], CultureInfo.InvariantCulture) < LeastContrast).ShouldBeEmpty();
    }

    [Theory]
    [InlineData("full", 360)]
    [InlineData("full", 1_400)]
    [InlineData("hostile", 800)]
    [InlineData("none", 800)]
    public async Task Each_drawing_that_is_shown_has_a_name_and_a_description(string name, int width)
    {
        await using var open = await browser.OpenAsync(pages.PathOf(name), width: width);
        var shown = await open.Page.EvaluateAsync<string[][]>(
            "() => [...document.querySelectorAll('svg')].filter(e => e.checkVisibility()).map(e => [e.getAttribute('role'), ...e.getAttribute('aria-labelledby').split(' ').map(id => document.getElementById(id).textContent.trim())])");
        string[] titles = name == "none" ? ["From rows to outcomes", "Cost by tier"] : ["From rows to outcomes", "Batches over time", "Cost by tier", "Why rows were not accepted", "Values of category"];
        shown.Select(parts => titles.FirstOrDefault(title => parts[1].StartsWith(title, StringComparison.Ordinal)) ?? parts[1]).ShouldBe(titles);
        shown.ShouldAllBe(parts => parts.Length == 3 && parts[0] == "img" && parts[1].Length > 3 && parts[2].Length > 3);
        (await open.Page.GetByRole(AriaRole.Img).CountAsync()).ShouldBe(shown.Length);
        (await open.Page.EvaluateAsync<int>("() => { const ids = [...document.querySelectorAll('[id]')].map(e => e.id); return ids.length - new Set(ids).size; }")).ShouldBe(0);
    }

    [Theory]
    [InlineData(360)]
    [InlineData(1_400)]
    public async Task The_drawings_show_the_24_hours_of_a_batch_and_the_answers_before_and_after(int width)
    {
        await using var open = await browser.OpenAsync(pages.PathOf("full"), width: width);
        async Task<string> DrawnAsync(string title) => await open.Page.EvaluateAsync<string>(
            "title => [...document.querySelectorAll('svg')].filter(e => e.checkVisibility() && document.getElementById(e.getAttribute('aria-labelledby').split(' ')[0]).textContent.startsWith(title)).map(e => [...e.querySelectorAll('text')].map(t => t.textContent).join('|')).join('‖')", title);

        (await DrawnAsync("Batches over time")).ShouldContain("24 h, when a batch expires");
        var answers = await DrawnAsync("Values of category");
        answers.ShouldContain("this run");
        answers.ShouldContain("before: the source's column category");
        (await DrawnAsync("Why rows were not accepted")).ShouldContain("share so far");
    }

    [Theory]
    [InlineData(360)]
    [InlineData(1_400)]
    public async Task Drawn_text_stays_inside_its_drawing(int width)
    {
        await using var open = await browser.OpenAsync(pages.PathOf("hostile"), width: width);
        (await open.Page.EvaluateAsync<string[]>(
            """
            () => [...document.querySelectorAll('svg')].filter(s => s.checkVisibility()).flatMap(s => { const box = s.getBoundingClientRect();
              return [...s.querySelectorAll('text')].filter(t => { const b = t.getBoundingClientRect(); return b.left < box.left - 2 || b.right > box.right + 2 || b.bottom > box.bottom + 2; }).map(t => t.textContent); })
            """)).ShouldBeEmpty();
    }

    /// <summary>Kept where <c>MUSTER_SCREENSHOTS</c> names a folder, for eyes.</summary>
    [Theory]
    [MemberData(nameof(Schemes))]
    public async Task A_page_can_be_printed_and_pictured(string name, ColorScheme scheme)
    {
        foreach (var width in (int[])[360, 1_100])
        {
            await using var open = await browser.OpenAsync(pages.PathOf(name), scheme, width);
            var picture = await open.Page.ScreenshotAsync(new PageScreenshotOptions { FullPage = true });
            picture.Length.ShouldBeGreaterThan(1_000);
            (await open.Page.PdfAsync()).AsSpan(0, 5).ToArray().ShouldBe("%PDF-"u8.ToArray());
            if (Environment.GetEnvironmentVariable("MUSTER_SCREENSHOTS") is { Length: > 0 } folder)
                File.WriteAllBytes(Path.Combine(Directory.CreateDirectory(folder).FullName, $"{name}-{scheme}-{width}.png".ToLowerInvariant()), picture);
        }

        if (scheme == ColorScheme.Dark)
        {
            await using var printed = await browser.OpenAsync(pages.PathOf(name), scheme, 700);
            await printed.Page.EmulateMediaAsync(new PageEmulateMediaOptions { Media = Media.Print });
            (await printed.Page.EvaluateAsync<string>("() => getComputedStyle(document.querySelector('h1')).color")).ShouldBe("rgb(31, 29, 26)", "paper is white");
        }
    }
}
