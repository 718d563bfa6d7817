// All requests with their examples, by Swagger UI, from this server alone.
SwaggerUIBundle({ url: "../openapi.json", domNode: document.getElementById("requests"), deepLinking: true });
