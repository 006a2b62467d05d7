// A client as people write it: HttpClient, no settings. Prints the status of each address.
using var client = new HttpClient();
foreach (var address in args)
{
    using var response = await client.GetAsync(new Uri(address));
    Console.WriteLine((int)response.StatusCode);
}
