using System.Text;
using Muster.Simulator.Batches;
using Muster.Simulator.Faults;
using Muster.Simulator.Rules;

namespace Muster.Simulator.Answers;

/// <summary>Makes result lines from a batch's stored requests, one at a time and always the same; owned by one download.</summary>
internal sealed class LineMaker(ulong seed, ModelTable models, MessageMaker messages)
{
    private readonly RequestFacts _facts = new();
    private byte[] _record = new byte[8192];
    private readonly byte[] _tail = new byte[22];

    /// <summary>Sum over the lines made so far.</summary>
    public Bill Bill { get; private set; } = Bill.Zero;

    /// <summary>The line of <paramref name="row"/>; with another <paramref name="answerOf"/> it carries that row's answer.</summary>
    public void Write(BatchRecord batch, int row, int answerOf, ByteBuffer into)
    {
        var idEnd = batch.Spill.Read(row, ref _record, out var end);
        var id = RowSpill.Id(_record, idEnd);
        into.Raw("{\"custom_id\":\""u8);
        into.Raw(id);
        into.Raw("\",\"result\":"u8);
        if (answerOf != row)
        {
            idEnd = batch.Spill.Read(answerOf, ref _record, out end);
            id = RowSpill.Id(_record, idEnd);
        }

        var fate = batch.FinalFate(answerOf);
        switch (fate.Kind())
        {
            case ResultKind.Canceled:
                into.Raw("{\"type\":\"canceled\"}"u8);
                break;
            case ResultKind.Expired:
                into.Raw("{\"type\":\"expired\"}"u8);
                break;
            case ResultKind.Errored:
                WriteError(into, id, fate == RowFate.Invalid
                    ? Judge(batch, _record.AsSpan(idEnd, end - idEnd))
                    : new RowError(fate.ErrorType(), fate.ErrorText(), FromWorker: fate is not RowFate.InvalidRequestError and not RowFate.Credit));
                break;
            default:
                WriteMessage(into, batch, answerOf, fate, id, _record.AsSpan(idEnd, end - idEnd));
                break;
        }

        into.Raw("}"u8);
    }

    public void WriteId(BatchRecord batch, int row, ByteBuffer into)
    {
        var idEnd = batch.Spill.Read(row, ref _record, out _);
        into.Raw(RowSpill.Id(_record, idEnd));
    }

    private void WriteMessage(ByteBuffer into, BatchRecord batch, int row, RowFate fate, ReadOnlySpan<byte> id, ReadOnlySpan<byte> parameters)
    {
        ParamsReader.Read(parameters, _facts);
        var model = models.Find(_facts.Model.Of(parameters))!;
        into.Raw("{\"type\":\"succeeded\",\"message\":"u8);
        Bill = Bill.Plus(messages.Write(
            into, id, parameters, _facts, model, fate, batch.WarmLevel(row), ServiceTier.Batch));
        into.Raw("}"u8);
    }

    private RowError Judge(BatchRecord batch, ReadOnlySpan<byte> parameters)
    {
        ParamsReader.Read(parameters, _facts);
        return ParamsRules.Judge(parameters, _facts, models.Find(_facts.Model.Of(parameters)), new Terms(batch.Version, Mode.Batch, batch.LongOutput))
            ?? new RowError("api_error", "Internal server error");
    }

    private void WriteError(ByteBuffer into, ReadOnlySpan<byte> id, RowError error)
    {
        into.Raw("{\"type\":\"errored\",\"error\":{\"type\":\"error\",\"error\":{\"details\":{\"error_visibility\":\"user_facing\"},\"type\":\""u8);
        into.Raw(Encoding.ASCII.GetBytes(error.Type));
        into.Raw("\",\"message\":"u8);
        into.Quoted(error.Message.AsSpan());
        into.Raw("},\"request_id\":"u8);
        if (error.FromWorker)
        {
            into.Raw("\"workerreq_01"u8);
            var tail = _tail.AsSpan();
            Chance.WriteId(Chance.Hash(seed ^ 0x3EC, id), tail);
            into.Raw(tail);
            into.Raw("\""u8);
        }
        else
        {
            into.Raw("null"u8);
        }

        into.Raw("}}"u8);
    }
}
