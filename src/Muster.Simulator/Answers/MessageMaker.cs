using Muster.Simulator.Batches;
using Muster.Simulator.Faults;
using Muster.Simulator.Rules;

namespace Muster.Simulator.Answers;

internal enum ServiceTier
{
    Batch,
    Standard,
}

/// <summary>
/// Writes the Message object of one request, in the field order of the recordings. One instance serves one download at a time:
/// it owns the buffers that are reused from row to row.
/// </summary>
internal sealed class MessageMaker(ulong seed, PromptParts parts, AnswerEngine engine)
{
    /// <summary>Characters of UTF-8 per token: about 4 for Latin; Cyrillic at two bytes each comes out at 2.</summary>
    private const int BytesPerToken = 4;
    private const int Overhead = 8;
    private readonly ByteBuffer _answer = new();
    private readonly CachePrefixes _prefixes = new(parts);
    private readonly Ask _ask = new();
    private readonly byte[] _id = new byte[22];

    public static int Tokens(int bytes, ModelFacts model)
    {
        // The tokenizer of the models from 4.7 on makes about 30 % more of the same text.
        var tokens = bytes / BytesPerToken;
        return model.TakesSampling ? Math.Max(1, tokens) : Math.Max(1, tokens * 13 / 10);
    }

    public int InputTokens(ReadOnlySpan<byte> parameters, RequestFacts facts, ModelFacts model) =>
        Tokens(facts.System.Length + facts.Messages.Length + facts.OutputConfig.Length + facts.Tools.Length, model) + Overhead;

    public Bill Write(
        ByteBuffer into, ReadOnlySpan<byte> id, ReadOnlySpan<byte> parameters, RequestFacts facts, ModelFacts model, RowFate fate,
        int warmLevel, ServiceTier tier)
    {
        var system = parts.System(facts.System.Of(parameters));
        PrepareAsk(id, parameters, facts, model, fate, system);
        var stop = WriteAnswer(parameters, facts, fate);
        var thinks = facts.Thinking == ThinkingMode.On || (facts.Thinking == ThinkingMode.Default && model.Thinks);
        var thinking = thinks ? 20 + (int)(_ask.Hash % 120) : 0;
        var room = (facts.MaxTokens ?? long.MaxValue) - thinking;
        var output = _answer.Length == 0 ? 1 : Tokens(_answer.Length, model);
        if (stop == StopReason.EndTurn && (fate == RowFate.Truncated || output > room))
        {
            stop = StopReason.MaxTokens;
            Cut(fate == RowFate.Truncated ? _answer.Length * 3 / 5 : (int)Math.Max(0, room * BytesPerToken * _answer.Length / Math.Max(1, output * BytesPerToken)));
            output = (int)Math.Max(1, Math.Min(room, fate == RowFate.Truncated ? Math.Max(1, facts.MaxTokens ?? output) : output));
        }

        var use = Split(parameters, facts, model, warmLevel, output + thinking);
        into.Raw("{\"model\":\""u8);
        into.Escaped(model.IdUtf8);
        into.Raw("\",\"id\":\"msg_01"u8);
        Chance.WriteId(Chance.Hash(seed ^ 0x35C, id), _id);
        into.Raw(_id);
        into.Raw("\",\"type\":\"message\",\"role\":\"assistant\",\"content\":["u8);
        WriteContent(into, stop, thinks);
        into.Raw("],\"stop_reason\":\""u8);
        into.Raw(Name(stop));
        into.Raw("\",\"stop_sequence\":null,\"stop_details\":"u8);
        into.Raw(stop == StopReason.Refusal
            ? "{\"type\":\"refusal\",\"category\":\"cyber\",\"explanation\":\"The request was declined by a safety classifier.\"}"u8
            : "null"u8);
        WriteUsage(into, use, thinking, tier, facts.Geo.Any ? facts.Geo.Of(parameters) : model.GeoUtf8);
        into.Raw("}"u8);
        var cost = model.Prices?.CostOf(use, facts.Geo.Of(parameters).SequenceEqual("us"u8)) ?? 0;
        return new Bill(1, use.Fresh, use.Output, use.Write5m + use.Write1h, use.Read, tier == ServiceTier.Batch ? cost * ModelPrices.BatchShare : cost);
    }

    private enum StopReason
    {
        EndTurn,
        MaxTokens,
        ToolUse,
        PauseTurn,
        Refusal,
    }

    private static ReadOnlySpan<byte> Name(StopReason stop) => stop switch
    {
        StopReason.MaxTokens => "max_tokens"u8,
        StopReason.ToolUse => "tool_use"u8,
        StopReason.PauseTurn => "pause_turn"u8,
        StopReason.Refusal => "refusal"u8,
        _ => "end_turn"u8,
    };

    private void PrepareAsk(
        ReadOnlySpan<byte> id, ReadOnlySpan<byte> parameters, RequestFacts facts, ModelFacts model, RowFate fate, SystemPart system)
    {
        _ask.ReadText(parameters, facts);
        _ask.Model = model;
        _ask.System = system;
        _ask.Schema = parts.Schema(facts.OutputConfig.Of(parameters));
        _ask.Fate = fate;
        _ask.Id = engine is OracleEngine ? id.ToArray() : [];
        var hash = Chance.Hash(seed, model.IdUtf8);
        for (var i = 0; i < facts.UserTexts.Count; i++)
        {
            hash = Chance.Hash(hash, facts.UserTexts[i].Of(parameters));
        }

        _ask.Hash = hash;
    }

    private StopReason WriteAnswer(ReadOnlySpan<byte> parameters, RequestFacts facts, RowFate fate)
    {
        _answer.Clear();
        if (fate == RowFate.Refusal)
        {
            return StopReason.Refusal;
        }

        if (fate == RowFate.PauseTurn)
        {
            _answer.Raw("I am still searching."u8);
            return StopReason.PauseTurn;
        }

        if (ParamsRules.ForcedTool(parameters, facts) is { } tool && ParamsRules.ToolSchema(parameters, facts, tool) is { } schema)
        {
            _ask.Schema = parts.ToolSchema(schema);
            _answer.Raw("{\"type\":\"tool_use\",\"id\":\"toolu_01"u8);
            Chance.WriteId(_ask.Hash, _id);
            _answer.Raw(_id);
            _answer.Raw("\",\"name\":"u8);
            _answer.Quoted(tool.AsSpan());
            _answer.Raw(",\"input\":"u8);
            engine.Answer(_ask, _answer);
            _answer.Raw("}"u8);
            return StopReason.ToolUse;
        }

        if (fate == RowFate.Broken && _ask.Hash % 3 == 0)
        {
            _answer.Raw("Here is the answer you asked for:\n"u8);
        }

        engine.Answer(_ask, _answer);
        if (fate == RowFate.Broken && _ask.Hash % 3 != 0)
        {
            Cut(_ask.Hash % 3 == 1 ? _answer.Length - 1 : _answer.Length / 2);
        }

        return StopReason.EndTurn;
    }

    private void Cut(int length)
    {
        length = Math.Clamp(length, 0, _answer.Length);
        while (length > 0 && length < _answer.Length && (_answer.Written[length] & 0xC0) == 0x80)
        {
            length--;
        }

        _answer.Truncate(length);
    }

    private void WriteContent(ByteBuffer into, StopReason stop, bool thinks)
    {
        if (stop == StopReason.Refusal)
        {
            return;
        }

        if (thinks)
        {
            into.Raw("{\"type\":\"thinking\",\"thinking\":\"\",\"signature\":\"Eo8BCkYIBRgC"u8);
            Chance.WriteId(_ask.Hash, _id);
            into.Raw(_id);
            into.Raw("\"}"u8);
        }

        if (_answer.Length == 0 && stop == StopReason.MaxTokens)
        {
            return;
        }

        into.Raw(thinks ? ","u8 : ""u8);
        if (stop == StopReason.ToolUse)
        {
            into.Raw(_answer.Written);
            return;
        }

        into.Raw("{\"type\":\"text\",\"text\":\""u8);
        into.Escaped(_answer.Written);
        into.Raw("\"}"u8);
    }

    /// <summary>The longest warm prefix is read; what follows it up to the last mark is written, at the mark's time to live.</summary>
    private TokenUse Split(ReadOnlySpan<byte> parameters, RequestFacts facts, ModelFacts model, int warmLevel, int output)
    {
        var total = InputTokens(parameters, facts, model);
        var found = _prefixes.Find(parameters, facts, model);
        int done = 0, write5m = 0, write1h = 0, read = 0;
        for (var i = 0; i < found.Length; i++)
        {
            var end = Math.Min(total - 1, found[i].Tokens);
            if (i < warmLevel)
            {
                read = end;
            }
            else if (found[i].OneHour)
            {
                write1h += end - done;
            }
            else
            {
                write5m += end - done;
            }

            done = end;
        }

        return new TokenUse(total - done, write5m, write1h, read, output);
    }

    private static void WriteUsage(ByteBuffer into, in TokenUse use, int thinking, ServiceTier tier, ReadOnlySpan<byte> geo)
    {
        into.Raw(",\"usage\":{\"input_tokens\":"u8);
        into.Number(use.Fresh);
        into.Raw(",\"cache_creation_input_tokens\":"u8);
        into.Number(use.Write5m + use.Write1h);
        into.Raw(",\"cache_read_input_tokens\":"u8);
        into.Number(use.Read);
        into.Raw(",\"cache_creation\":{\"ephemeral_5m_input_tokens\":"u8);
        into.Number(use.Write5m);
        into.Raw(",\"ephemeral_1h_input_tokens\":"u8);
        into.Number(use.Write1h);
        into.Raw("},\"output_tokens\":"u8);
        into.Number(use.Output);
        if (thinking > 0)
        {
            into.Raw(",\"output_tokens_details\":{\"thinking_tokens\":"u8);
            into.Number(thinking);
            into.Raw("}"u8);
        }

        into.Raw(tier == ServiceTier.Batch ? ",\"service_tier\":\"batch\",\"inference_geo\":\""u8 : ",\"service_tier\":\"standard\",\"inference_geo\":\""u8);
        into.Escaped(geo);
        into.Raw("\"}"u8);
    }
}
