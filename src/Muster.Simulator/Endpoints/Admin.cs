using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Muster.Simulator.Faults;
using Muster.Simulator.Wire;

namespace Muster.Simulator.Endpoints;

/// <summary>/sim/…: the experimenter's side. Outside /v1/, so that no client can come to depend on it.</summary>
internal static class Admin
{
    private const int MaxPlanBytes = 1024 * 1024;
    private static readonly JsonSerializerOptions Snake = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower, WriteIndented = true };

    public static async Task HandleAsync(HttpContext http, string path, Service service)
    {
        switch (http.Request.Method, path)
        {
            case ("GET", "/sim/truth"):
                await WriteAsync(http, 200, JsonSerializer.Serialize(service.Shelf.Snapshot(service.Clock.GetUtcNow()), Snake));
                break;
            case ("GET", "/sim/clock"):
                await WriteClockAsync(http, service);
                break;
            case ("POST", "/sim/advance"):
                await AdvanceAsync(http, service);
                break;
            case ("POST", "/sim/reset"):
                service.Reset();
                await WriteAsync(http, 200, "{}");
                break;
            case ("GET", "/sim/faults"):
                await WriteAsync(http, 200, FaultPlanFile.Write(service.Desk.Plan));
                break;
            case ("PUT", "/sim/faults"):
                await SetFaultsAsync(http, service);
                break;
            case ("POST", "/sim/inject"):
                await InjectAsync(http, service);
                break;
            default:
                await RefuseAsync(http, 404, $"There is no {http.Request.Method} {path}.",
                    "Known: GET /sim/truth, GET /sim/clock, POST /sim/advance?seconds=n, POST /sim/reset, POST /sim/inject, GET and PUT /sim/faults.");
                break;
        }
    }

    private static async Task AdvanceAsync(HttpContext http, Service service)
    {
        if (!double.TryParse(http.Request.Query["seconds"], out var seconds) || !(seconds is >= 0 and <= 1e9))
        {
            await RefuseAsync(http, 400, $"seconds is \"{http.Request.Query["seconds"]}\".", "Give ?seconds= a number from 0 to 1,000,000,000.");
            return;
        }

        service.Clock.Advance(TimeSpan.FromSeconds(seconds));
        await WriteClockAsync(http, service);
    }

    private static async Task SetFaultsAsync(HttpContext http, Service service)
    {
        var body = await BodyReader.ReadAllAsync(http, MaxPlanBytes);
        try
        {
            service.SetFaults(FaultPlan.Parse(Encoding.UTF8.GetString(body ?? [])));
            await WriteAsync(http, 200, FaultPlanFile.Write(service.Desk.Plan));
        }
        catch (SimulatorException e)
        {
            await RefuseAsync(http, 400, e.Message, e.Hint);
        }
    }

    private static async Task InjectAsync(HttpContext http, Service service)
    {
        var body = await BodyReader.ReadAllAsync(http, MaxPlanBytes);
        try
        {
            service.Desk.Inject(FaultPlanFile.ParseCall(Encoding.UTF8.GetString(body ?? [])));
            await WriteAsync(http, 200, "{}");
        }
        catch (SimulatorException e)
        {
            await RefuseAsync(http, 400, e.Message, e.Hint);
        }
    }

    private static Task WriteClockAsync(HttpContext http, Service service) =>
        WriteAsync(http, 200, JsonSerializer.Serialize(new { now = service.Clock.GetUtcNow() }));

    private static Task RefuseAsync(HttpContext http, int status, string error, string hint) =>
        WriteAsync(http, status, JsonSerializer.Serialize(new { error, hint }));

    private static async Task WriteAsync(HttpContext http, int status, string json)
    {
        http.Response.StatusCode = status;
        http.Response.ContentType = "application/json";
        await http.Response.WriteAsync(json, http.RequestAborted);
    }
}
