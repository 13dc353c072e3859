namespace Muster.Claude;

/// <summary>The billed parts of one succeeded request, as its usage names them. <c>input_tokens</c> excludes cached tokens.</summary>
/// <param name="Input"><c>input_tokens</c>.</param>
/// <param name="Output"><c>output_tokens</c>, thinking included.</param>
/// <param name="Write5m"><c>ephemeral_5m_input_tokens</c>; also cache writes that the usage does not split.</param>
/// <param name="Write1h"><c>ephemeral_1h_input_tokens</c>.</param>
/// <param name="Read"><c>cache_read_input_tokens</c>.</param>
/// <param name="WebSearches"><c>web_search_requests</c>; not known to be cheaper in batches.</param>
internal readonly record struct PricedTokens(long Input, long Output, long Write5m = 0, long Write1h = 0, long Read = 0, long WebSearches = 0)
{
    public long Prompt => Input + Write5m + Write1h + Read;
}

internal enum PriceChannel { Batch, Synchronous }
