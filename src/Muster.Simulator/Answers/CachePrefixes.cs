using System.Text.Json;
using Muster.Simulator.Rules;

namespace Muster.Simulator.Answers;

/// <summary>One prefix that a request asks to cache: everything up to a mark, in the order tools, system, messages.</summary>
internal readonly record struct CachePrefix(ulong Hash, int Tokens, bool OneHour);

/// <summary>Finds the prefixes of one request, shortest first; reused from row to row.</summary>
internal sealed class CachePrefixes(PromptParts parts)
{
    // One for each mark; the level of a warm prefix has to fit the three free bits of a fate.
    private readonly CachePrefix[] _found = new CachePrefix[ParamsRules.MaxMarks];
    private int _count;

    public ReadOnlySpan<CachePrefix> Found => _found.AsSpan(0, _count);

    /// <summary>Prefixes below the model's minimum are left out: they are neither written nor read, without an error.</summary>
    public ReadOnlySpan<CachePrefix> Find(ReadOnlySpan<byte> parameters, RequestFacts facts, ModelFacts model)
    {
        _count = 0;
        var bytes = 0;
        var hash = Chance.Hash(0xCACE, model.IdUtf8);
        AddPart(facts.Tools.Of(parameters), parts.Tools(facts.Tools.Of(parameters)), model, ref hash, ref bytes);
        AddPart(facts.System.Of(parameters), parts.System(facts.System.Of(parameters)).Marks, model, ref hash, ref bytes);
        var messages = facts.Messages;
        foreach (var mark in facts.MessageMarks)
        {
            AddIn(parameters[messages.Start..mark.End], mark.OneHour, model, hash, bytes);
        }

        if (facts.WholeMark is { } oneHour)
        {
            AddIn(messages.Of(parameters), oneHour, model, hash, bytes);
        }

        return Found;
    }

    /// <summary>The ends of the marked elements of a raw JSON array; none for anything else.</summary>
    public static IReadOnlyList<CacheMark> MarksOf(ReadOnlySpan<byte> raw)
    {
        if (raw.IsEmpty || raw[0] != (byte)'[' || raw.IndexOf("\"cache_control\""u8) < 0)
        {
            return [];
        }

        var marks = new List<CacheMark>();
        var reader = new Utf8JsonReader(raw);
        reader.Read();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            using var element = JsonDocument.ParseValue(ref reader);
            if (element.RootElement.ValueKind == JsonValueKind.Object
                && element.RootElement.TryGetProperty("cache_control"u8, out var mark) && mark.ValueKind == JsonValueKind.Object)
            {
                marks.Add(new CacheMark((int)reader.BytesConsumed, mark.TryGetProperty("ttl"u8, out var ttl) && ttl.ValueEquals("1h"u8)));
            }
        }

        return marks;
    }

    private void AddPart(ReadOnlySpan<byte> part, IReadOnlyList<CacheMark> marks, ModelFacts model, ref ulong hash, ref int bytes)
    {
        for (var i = 0; i < marks.Count; i++)
        {
            AddIn(part[..marks[i].End], marks[i].OneHour, model, hash, bytes);
        }

        hash = part.IsEmpty ? hash : Chance.Hash(hash, part);
        bytes += part.Length;
    }

    private void AddIn(ReadOnlySpan<byte> upToMark, bool oneHour, ModelFacts model, ulong before, int bytesBefore)
    {
        var tokens = MessageMaker.Tokens(bytesBefore + upToMark.Length, model);
        if (_count < ParamsRules.MaxMarks && tokens >= model.MinCacheable)
        {
            _found[_count++] = new CachePrefix(Chance.Hash(before, upToMark), tokens, oneHour);
        }
    }
}
