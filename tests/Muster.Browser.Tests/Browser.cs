using Microsoft.Playwright;

namespace Muster.Browser.Tests;

/// <summary>The Chromium of this machine, started once; tests without it are skipped and say so.</summary>
public sealed class Browser : IAsyncLifetime
{
    private static readonly string[] Names = ["chromium", "chromium-browser", "google-chrome"];

    private IPlaywright? playwright;
    private IBrowser? browser;

    public async ValueTask InitializeAsync()
    {
        var path = Names.SelectMany(name => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Select(folder => Path.Combine(folder, name))).FirstOrDefault(File.Exists);
        if (path is null)
            return;
        playwright = await Playwright.CreateAsync();
        // Its sandbox does not start for root, and all it is shown is our own files.
        browser = await playwright.Chromium.LaunchAsync(new BrowserTypeLaunchOptions { ExecutablePath = path, Headless = true, Args = Environment.UserName == "root" ? ["--no-sandbox"] : [] });
    }

    /// <summary>Opens a file in a window of its own and notes all that it asks for and complains of.</summary>
    internal async Task<OpenPage> OpenAsync(string path, ColorScheme scheme = ColorScheme.Light, int width = 1_100)
    {
        Assert.SkipWhen(browser is null, "chromium is not installed; ./test installs it where it can");
        var context = await browser.NewContextAsync(new BrowserNewContextOptions { ColorScheme = scheme, ViewportSize = new ViewportSize { Width = width, Height = 900 } });
        var page = await context.NewPageAsync();
        var open = new OpenPage(context, page);
        var address = new Uri(path).AbsoluteUri;
        page.Request += (_, request) => open.Requests.Add(request.Url);
        page.Console += (_, message) => open.Complaints.Add($"{message.Type}: {message.Text}");
        page.PageError += (_, error) => open.Complaints.Add(error);
        await context.RouteAsync("**/*", route =>
        {
            open.Left.Add(route.Request.Url);
            return route.Request.Url == address ? route.ContinueAsync() : route.AbortAsync();
        });
        await page.GotoAsync(address, new PageGotoOptions { WaitUntil = WaitUntilState.Load });
        return open;
    }

    public async ValueTask DisposeAsync()
    {
        if (browser is not null)
            await browser.DisposeAsync();
        playwright?.Dispose();
    }
}

/// <summary>An open page and what happened since.</summary>
internal sealed record OpenPage(IBrowserContext Context, IPage Page) : IAsyncDisposable
{
    /// <summary>Addresses that the page asked for, itself first.</summary>
    public List<string> Requests { get; } = [];

    /// <summary>Of these, those that no policy stopped.</summary>
    public List<string> Left { get; } = [];

    /// <summary>What the browser's console says.</summary>
    public List<string> Complaints { get; } = [];

    public async ValueTask DisposeAsync() => await Context.DisposeAsync();
}
