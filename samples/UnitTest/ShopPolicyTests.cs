#region test
using PolicyProxy.Testing;

namespace PolicyProxy.Samples.UnitTest;

public sealed class ShopPolicyTests : IDisposable
{
    private readonly PoliciesUnderTest _policies = PoliciesUnderTest.FromFiles("policies/");

    [Fact]
    public void Shop_may_only_call_the_orders_of_the_partner() => _policies.Workload("app=shop").MayOnlyCall(
        "GET https://api.partner.example/orders",
        "POST https://api.partner.example/orders");

    [Fact]
    public void Front_may_ask_shop_for_pages()
    {
        var shop = _policies.Workload("app=shop");
        shop.MayBeCalledBy("app=front", "GET http://shop:8080/pages/home");
        shop.MayNotBeCalledBy("app=front", "GET http://shop:8080/admin");
        shop.MayNotBeCalledBy("app=other", "GET http://shop:8080/pages/home");
    }

    public void Dispose() => _policies.Dispose();
}
#endregion
