namespace Muster.Review;

/// <summary>A decision of a person that cannot be made; nothing was changed.</summary>
internal sealed class ReviewException(ReviewRefusal why, string message, string hint) : MusterException(message, hint)
{
    public ReviewRefusal Why { get; } = why;
}
