using System.Net;
using System.Runtime.CompilerServices;
using Muster.Simulation.Network;
using Muster.Simulation.Scheduling;

namespace Muster.Simulation.Mutants;

/// <summary>As an SDK by default: two more tries of a create that got no good answer.</summary>
internal sealed class RetriesCreate : Mutant
{
    public override HttpMessageHandler Transport(HttpMessageHandler inner, World world, VirtualProcess process) => new Retrying(inner);

    private sealed class Retrying(HttpMessageHandler inner) : DelegatingHandler(inner)
    {
        private const int Tries = 3;

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            if (!IsCreate(request))
                return await base.SendAsync(request, cancellationToken).ConfigureAwait(false);
            using var body = new MemoryStream();
            await Serialize(request.Content!, body, null, cancellationToken);
            for (var left = Tries - 1; ; left--)
            {
                using var copy = new HttpRequestMessage(request.Method, request.RequestUri) { Content = new ByteArrayContent(body.ToArray()) };
                try
                {
                    var reply = await base.SendAsync(copy, cancellationToken).ConfigureAwait(false);
                    if ((int)reply.StatusCode is < 500 and not (408 or 409) || left == 0)
                        return reply;
                }
                catch (HttpRequestException) when (left > 0)
                {
                    // Sent once more.
                }
            }
        }
    }

    internal static bool IsCreate(HttpRequestMessage request) =>
        request.Method == HttpMethod.Post && request.RequestUri!.AbsolutePath.EndsWith("/batches", StringComparison.Ordinal);

    [UnsafeAccessor(UnsafeAccessorKind.Method, Name = "SerializeToStreamAsync")]
    private static extern Task Serialize(HttpContent content, Stream stream, TransportContext? context, CancellationToken cancellationToken);
}

/// <summary>A synchronous call whose connection broke is made again.</summary>
internal sealed class CallsAgain : Mutant
{
    public override HttpMessageHandler Transport(HttpMessageHandler inner, World world, VirtualProcess process) => new Hasty(inner);

    private sealed class Hasty(HttpMessageHandler inner) : DelegatingHandler(inner)
    {
        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            if (request.RequestUri!.AbsolutePath != VirtualNetwork.MessagesPath)
                return await base.SendAsync(request, cancellationToken).ConfigureAwait(false);
            try
            {
                return await base.SendAsync(request, cancellationToken).ConfigureAwait(false);
            }
            catch (HttpRequestException)
            {
                return VirtualNetwork.Reply(429, "rate_limit_error");
            }
        }
    }
}

/// <summary>A create without a good answer is held for refused.</summary>
internal sealed class TakesSilenceForNo : Mutant
{
    public override HttpMessageHandler Transport(HttpMessageHandler inner, World world, VirtualProcess process) => new Hasty(inner);

    private sealed class Hasty(HttpMessageHandler inner) : DelegatingHandler(inner)
    {
        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            if (!RetriesCreate.IsCreate(request))
                return await base.SendAsync(request, cancellationToken).ConfigureAwait(false);
            try
            {
                var reply = await base.SendAsync(request, cancellationToken).ConfigureAwait(false);
                return (int)reply.StatusCode is >= 500 or 408 or 409 ? VirtualNetwork.Reply(429, "rate_limit_error") : reply;
            }
            catch (HttpRequestException)
            {
                return VirtualNetwork.Reply(429, "rate_limit_error");
            }
        }
    }
}
