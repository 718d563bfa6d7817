"""Pictures: what they show, and how they look in a style."""

import asyncio
import io
from typing import Annotated, Any, Final

from fastapi import APIRouter, Query, Request, Response
from PIL import Image
from pydantic import BaseModel, Field

from scoring_service.pictures import KINDS, check_kind
from scoring_service.service import Service
from scoring_service.styles import Wanted, parse_style

_BODY: Final[dict[str, Any]] = {
    "requestBody": {
        "required": True,
        "content": {kind: {"schema": {"type": "string", "format": "binary"}} for kind in KINDS},
    }
}


class Label(BaseModel):
    label: str = Field(examples=["tabby"])
    probability: float = Field(examples=[0.41])


class Labels(BaseModel):
    """The best first."""

    labels: list[Label]
    model: str = Field(description="the classifier's name", examples=["resnet"])


def image_routes(service: Service) -> APIRouter:
    routes = APIRouter(tags=["pictures"])

    @routes.post("/v1/images/classify", response_model=Labels, openapi_extra=_BODY)
    async def classify(
        request: Request,
        model: Annotated[str, Query(max_length=64)] = "",
        top: Annotated[int, Query(ge=1, le=1000)] = 5,
    ) -> dict[str, Any]:
        """What the picture in the body shows: JPEG, PNG or WebP."""
        kind = check_kind(request.headers.get("content-type", ""))
        data = await request.body()
        name, found = await service.classifiers.classify(data, kind, model=model, top=top)
        labels = [{"label": label, "probability": chance} for label, chance in found]
        return {"labels": labels, "model": name}

    @routes.get("/v1/images/styles")
    async def styles(mixable_with: Annotated[str, Query(max_length=200)] = "") -> list[str]:
        """The styles that there are now, shipped and trained; or those that can be mixed with one
        of them, which it is among."""
        styles = service.needed_styles()
        if not mixable_with:
            return styles.names
        return await asyncio.to_thread(styles.mixable, mixable_with)

    @routes.post(
        "/v1/images/stylize",
        response_class=Response,
        openapi_extra=_BODY,
        responses={200: {"content": {kind: {} for kind in KINDS}}},
    )
    async def stylize(
        request: Request,
        style: Annotated[str, Query(max_length=200, examples=["starry-night"])],
        strength: Annotated[float, Query(ge=0, le=1)] = 1.0,
        preserve_colors: bool = False,
    ) -> Response:
        """The picture in the body in a style, or in a mixture of several,
        `starry-night:0.6,great-wave:0.4`; of the same size and kind."""
        styles, mixture = service.needed_styles(), parse_style(style)
        kind = check_kind(request.headers.get("content-type", ""))
        data = await request.body()
        stylized = await styles.stylize(Wanted(data, kind, mixture, strength, preserve_colors))
        return Response(await asyncio.to_thread(_encoded, stylized, kind), media_type=kind)

    return routes


def _encoded(picture: Image.Image, kind: str) -> bytes:
    buffer, profile = io.BytesIO(), picture.info.get("icc_profile")
    # What else the source's file said, such as where it was taken, goes no further.
    picture.info = {}
    picture.save(buffer, KINDS[kind], quality=92, icc_profile=profile)
    return buffer.getvalue()
