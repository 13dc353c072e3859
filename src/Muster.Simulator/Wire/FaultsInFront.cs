using Muster.Simulator.Faults;

namespace Muster.Simulator.Wire;

/// <summary>Faults that come in place of the work, or before it.</summary>
internal static class FaultsInFront
{
    /// <summary>True when the call is answered, or cut, and nothing is left to do.</summary>
    public static async Task<bool> ApplyAsync(Call call, string name, string id, long limit, Service service, Sender sender)
    {
        switch (call.Fault)
        {
            case { Fault: CallFaultKind.ResetBefore }:
                Sender.Reset(call.Http);
                return true;
            case { Fault: CallFaultKind.Status or CallFaultKind.SpendCap or CallFaultKind.UsageLimit or CallFaultKind.RampLimit } fault:
                await BodyReader.DrainAsync(call.Http, limit);
                await sender.SendAsync(call, FaultReplies.Of(fault, call.RequestId));
                return true;
            case { Fault: CallFaultKind.FalseNotFound }:
                await BodyReader.DrainAsync(call.Http, limit);
                await sender.SendAsync(call, service.NoBatch(id, call));
                return true;
            case { Fault: CallFaultKind.DelayBefore } fault:
                await sender.WaitAsync(fault, call);
                return false;
            default:
                return false;
        }
    }
}
