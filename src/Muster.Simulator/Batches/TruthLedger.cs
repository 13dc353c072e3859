using System.Text;

namespace Muster.Simulator.Batches;

/// <summary>Counts what was accepted, 8–24 bytes per pair.</summary>
internal sealed class TruthLedger
{
    private const int RepeatsShown = 20;
    private readonly Lock _gate = new();
    private readonly CompactSet _pairs = new();
    private readonly CompactSet _repeated = new();
    private readonly List<string> _repeatedIds = [];
    private readonly CompactSet _messages = new();
    private long _messagesAnswered;
    private long _messageInput;
    private long _messageOutput;
    private long _batches;
    private long _requests;
    private long _createCalls;
    private long _resent;

    public void SawCreate() => Interlocked.Increment(ref _createCalls);

    public void SawResend() => Interlocked.Increment(ref _resent);

    public void Accept(RowSpill spill)
    {
        lock (_gate)
        {
            _batches++;
            _requests += spill.Count;
            var record = new byte[4096];
            var rows = spill.Rows;
            for (var i = 0; i < rows.Length; i++)
            {
                if (!_pairs.Add(rows[i]) && _repeated.Add(rows[i]) && _repeatedIds.Count < RepeatsShown && spill.HasRecords)
                {
                    var idEnd = spill.Read(i, ref record, out _);
                    _repeatedIds.Add(Encoding.UTF8.GetString(RowSpill.Id(record, idEnd)));
                }
            }
        }
    }

    public void Answer(ulong body, long inputTokens, long outputTokens)
    {
        lock (_gate)
        {
            _messages.Add(body);
            _messagesAnswered++;
            _messageInput += inputTokens;
            _messageOutput += outputTokens;
        }
    }

    public Truth Snapshot(Bill bill)
    {
        lock (_gate)
        {
            return new Truth
            {
                BatchesCreated = _batches,
                RequestsAccepted = _requests,
                PairsAccepted = _pairs.Count,
                PairsAcceptedMoreThanOnce = _repeated.Count,
                RepeatedIds = [.. _repeatedIds],
                CreateCalls = Interlocked.Read(ref _createCalls),
                ResentCalls = Interlocked.Read(ref _resent),
                RowsBilled = bill.Rows,
                CostDollars = bill.Dollars,
                InputTokens = bill.Input,
                OutputTokens = bill.Output,
                CacheWriteTokens = bill.CacheWrite,
                CacheReadTokens = bill.CacheRead,
                MessagesAnswered = _messagesAnswered,
                MessageInputTokens = _messageInput,
                MessageOutputTokens = _messageOutput,
                MessagesRepeated = _messagesAnswered - _messages.Count,
            };
        }
    }
}
