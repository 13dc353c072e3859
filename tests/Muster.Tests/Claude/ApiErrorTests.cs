using System.Text;
using Muster.Claude;

namespace Muster.Tests.Claude;

public sealed class ApiErrorTests
{
    [Theory]
    [InlineData(400, "invalid_request_error", null, "messages: Field required", ErrorCause.Request)]
    [InlineData(400, "invalid_request_error", null, "You have reached your specified API usage limits. Wait.", ErrorCause.Account)]
    [InlineData(400, "invalid_request_error", null, "You have reached your specified workspace API usage limits.", ErrorCause.Account)]
    [InlineData(0, "invalid_request_error", null, "Your credit balance is too low to access the Anthropic API.", ErrorCause.Account)]
    [InlineData(401, "authentication_error", null, "API key is invalid.", ErrorCause.Account)]
    [InlineData(402, "billing_error", null, "", ErrorCause.Account)]
    [InlineData(403, "permission_error", null, "", ErrorCause.Account)]
    [InlineData(404, "not_found_error", null, "Message Batch msgbatch_1 not found.", ErrorCause.NotFound)]
    [InlineData(0, "not_found_error", null, "model: claude-x", ErrorCause.NotFound)]
    [InlineData(408, "", null, "", ErrorCause.Transient)]
    [InlineData(409, "conflict_error", null, "", ErrorCause.Transient)]
    [InlineData(413, "request_too_large", null, "", ErrorCause.TooLarge)]
    [InlineData(413, "", null, "<html>", ErrorCause.TooLarge)]
    [InlineData(422, "invalid_request_error", null, "", ErrorCause.Request)]
    [InlineData(429, "rate_limit_error", null, "", ErrorCause.RateLimited)]
    [InlineData(429, "rate_limit_error", "enforced_spend_limit_reached", "", ErrorCause.Account)]
    [InlineData(429, "rate_limit_error", "contract_spend_limit_reached", "", ErrorCause.Account)]
    [InlineData(429, "rate_limit_error", "ramp_limit_exceeded", "", ErrorCause.RateLimited)]
    [InlineData(400, "invalid_request_error", "organization_on_hold", "", ErrorCause.Account)]
    [InlineData(400, "invalid_request_error", "request_body_timeout", "", ErrorCause.Request)]
    [InlineData(500, "api_error", null, "", ErrorCause.Transient)]
    [InlineData(502, "", null, "<html>", ErrorCause.Transient)]
    [InlineData(504, "timeout_error", null, "", ErrorCause.Transient)]
    [InlineData(529, "overloaded_error", null, "", ErrorCause.Transient)]
    [InlineData(0, "overloaded_error", null, "", ErrorCause.Transient)]
    [InlineData(0, "rate_limit_error", null, "", ErrorCause.RateLimited)]
    [InlineData(0, "lunar_phase_error", null, "", ErrorCause.Transient)]
    public void Each_documented_error_has_one_cause(int status, string type, string? code, string message, ErrorCause cause) =>
        new ApiError(status, type, code, message, null).Cause.ShouldBe(cause);

    [Theory]
    [InlineData("")]
    [InlineData("<html><body>502 Bad Gateway</body></html>")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("{\"error\":")]
    [InlineData("\"text\"")]
    public void A_body_that_is_not_the_APIs_gives_its_status_alone(string body)
    {
        var error = ApiError.Parse(502, Encoding.UTF8.GetBytes(body), "req_1");

        (error.Status, error.Type, error.RequestId, error.Cause).ShouldBe((502, "", "req_1", ErrorCause.Transient));
    }

    [Theory]
    [InlineData("""{"error":null}""")]
    [InlineData("""{"error":"text"}""")]
    [InlineData("""{"error":{"type":7,"message":{},"details":[]},"request_id":5}""")]
    [InlineData("""{"error":{"type":"api_error","message":"\ud800"}}""")]
    public void Odd_envelopes_never_throw(string body) =>
        ApiError.Parse(500, Encoding.UTF8.GetBytes(body), null).Cause.ShouldBe(ErrorCause.Transient);

    [Fact]
    public void The_envelope_is_read_whole()
    {
        var error = ApiError.Parse(429,
            """{"type":"error","error":{"details":{"error_code":"ramp_limit_exceeded"},"type":"rate_limit_error","message":"Slow\u001b[2J down"},"request_id":"req_9"}"""u8, null);

        error.ShouldBe(new ApiError(429, "rate_limit_error", "ramp_limit_exceeded", "Slow\u001b[2J down", "req_9"));
        error.ToString().ShouldBe("HTTP 429 rate_limit_error (ramp_limit_exceeded): \"Slow\\u{1b}[2J down\" [req_9]");
    }
}
