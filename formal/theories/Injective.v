(** * Polynomials with an invertible derivative at a point are one-to-one near it, by elementary means *)
From Coq Require Import List ZArith QArith Reals Lia Lra Classical FunctionalExtensionality.
From Coquelicot Require Import Coquelicot.
From SimCert Require Words.
From SimCert Require Import Poly Linear Expr Slp Checks Flow Lie Orbit Dimension Upper Near Orbits Gram.
Import ListNotations.
Local Open Scope R_scope.

Lemma near_all {A} u0 (l : list A) (P : A -> vec -> Prop) : (forall a, In a l -> near u0 (P a)) -> near u0 (fun u => forall a, In a l -> P a u).
Proof.
  induction l as [|a l IH]; intros H; [exists 1; split; [lra|easy]|].
  destruct (H a (or_introl eq_refl)) as (e1 & P1 & H1). destruct IH as (e2 & P2 & H2); [intros; apply H; now right|].
  exists (Rmin e1 e2). split; [now apply Rmin_pos|]. intros u Hu b [<-|Hb].
  - apply H1. intros i. eapply Rlt_le_trans; [apply Hu|apply Rmin_l].
  - apply (H2 u); [|exact Hb]. intros i. eapply Rlt_le_trans; [apply Hu|apply Rmin_r].
Qed.
Lemma near_close u0 f eps : 0 < eps -> cont u0 f -> near u0 (fun u => Rabs (f u - f u0) < eps).
Proof. intros He Hf. apply (Hf (fun y => Rabs (y - f u0) < eps)). exists (mkposreal eps He). intros y Hy. exact Hy. Qed.
Lemma cont_poly u0 q : cont u0 (fun u => peval u q).
Proof. destruct (poly_polynomial q) as (r & Hr). apply (cont_ext u0 (fun u => Words.rev u r)); [intros; symmetry; apply Hr|]. apply cont_rev. Qed.

(** a real combination of something about polynomials *)
Fixpoint comb (gs : list R) (fs : list poly) (e : poly -> R) : R :=
  match gs, fs with g :: gs', f :: fs' => g * e f + comb gs' fs' e | _, _ => 0 end.
Lemma comb_ext gs fs e e' : (forall f, In f fs -> e f = e' f) -> comb gs fs e = comb gs fs e'.
Proof. revert fs; induction gs as [|g gs IH]; intros [|f fs] H; cbn [comb]; auto. rewrite H by now left. rewrite (IH fs); [reflexivity|]. intros; apply H; now right. Qed.
Lemma comb_lcomb gs fs u i : Rlcomb gs (map (fun f => dh f u) fs) i = comb gs fs (fun f => peval u (pderiv i f)).
Proof. revert fs; induction gs as [|g gs IH]; intros [|f fs]; cbn; auto. unfold Rlcomb in IH. now rewrite IH, dh_ok. Qed.
Lemma comb_cont u0 gs fs (e : vec -> poly -> R) : (forall f, cont u0 (fun u => e u f)) -> cont u0 (fun u => comb gs fs (e u)).
Proof.
  intros H. revert fs; induction gs as [|g gs IH]; intros [|f fs]; cbn [comb]; try apply cont_const.
  apply cont_plus; [|apply IH]. apply cont_mult; [apply cont_const|apply H].
Qed.
Lemma comb_sum gs fs (v : vec) (e : positive -> poly -> R) l :
  comb gs fs (fun f => lsum (map (fun i => v i * e i f) l)) = lsum (map (fun i => v i * comb gs fs (e i)) l).
Proof.
  revert fs; induction gs as [|g gs IH]; intros [|f fs]; cbn [comb]; try (symmetry; apply lsum_0; intros; ring).
  rewrite IH, <- lsum_scal, <- lsum_plus. apply lsum_eq. intros. ring.
Qed.
Lemma line_add u v s t : line u v (s + t) = line (line u v s) v t.
Proof. apply functional_extensionality. intros k. unfold line. ring. Qed.
Lemma poly_line_at M u (v : vec) q s : (forall k, (M < k)%positive -> v k = 0) ->
  is_derive (fun t => peval (line u v t) q) s (lsum (map (fun j => v j * peval (line u v s) (pderiv j q)) (plist M))).
Proof.
  intros Hv. apply (is_derive_ext (fun t => peval (line (line u v s) v (t - s)) q)).
  - intros t. rewrite <- line_add. do 2 f_equal. ring.
  - set (d := lsum _). replace d with (scal 1 d) by (unfold scal; cbn; unfold mult; cbn; ring).
    apply (is_derive_comp (fun t => peval (line (line u v s) v t) q) (fun t => t - s)).
    + replace (s - s) with 0 by ring. now apply poly_line.
    + auto_derive; [exact I|ring].
Qed.
Lemma comb_line M gs fs u (v : vec) s : (forall k, (M < k)%positive -> v k = 0) ->
  is_derive (fun t => comb gs fs (fun f => peval (line u v t) f)) s (lsum (map (fun i => v i * comb gs fs (fun f => peval (line u v s) (pderiv i f))) (plist M))).
Proof.
  intros Hv. rewrite <- comb_sum. revert fs; induction gs as [|g gs IH]; intros [|f fs]; cbn [comb]; try apply @is_derive_const.
  apply @is_derive_plus; [|apply IH]. apply is_derive_scal. now apply poly_line_at.
Qed.

Section Near.
Variables (M : positive) (fs : list poly) (u0 : vec).
Hypothesis only : forall f u u', In f fs -> (forall i, (i <= M)%positive -> u i = u' i) -> peval u f = peval u' f.
Hypothesis regular : Rlindep (plist M) (map (fun f => dh f u0) fs).
Hypothesis all : length fs = Pos.to_nat M.
Let c := / (2 * INR (Pos.to_nat M)).
Definition delta (i j : positive) : R := if Pos.eqb i j then 1 else 0.
Lemma M_pos : 0 < INR (Pos.to_nat M).
Proof. apply lt_0_INR. lia. Qed.
Lemma c_pos : 0 < c.
Proof. apply Rinv_0_lt_compat. assert (P := M_pos). lra. Qed.
Lemma dual j : exists gs, near u0 (fun u => forall i, In i (plist M) -> Rabs (comb gs fs (fun f => peval u (pderiv i f)) - delta i j) < c).
Proof.
  destruct (span_full (plist M) _ regular) with (v := fun i => delta i j) as (gs & _ & Hg); [rewrite map_length, plist_length; exact all|].
  exists gs. apply near_all. intros i Hi. rewrite (Hg i Hi), comb_lcomb.
  apply (near_close u0 (fun u => comb gs fs (fun f => peval u (pderiv i f))) c c_pos). apply comb_cont. intros f. apply cont_poly.
Qed.
Lemma duals : forall l, exists eps, 0 < eps /\ forall j, In j l -> exists gs, forall u, (forall i, Rabs (u i - u0 i) < eps) ->
  forall i, In i (plist M) -> Rabs (comb gs fs (fun f => peval u (pderiv i f)) - delta i j) < c.
Proof.
  induction l as [|j l IH]; [exists 1; split; [lra|easy]|]. destruct IH as (e1 & P1 & H1). destruct (dual j) as (gs & e2 & P2 & H2).
  exists (Rmin e1 e2). split; [now apply Rmin_pos|]. intros k [<-|Hk].
  - exists gs. intros u Hu. apply H2. intros i. eapply Rlt_le_trans; [apply Hu|apply Rmin_r].
  - destruct (H1 k Hk) as (hs & H3). exists hs. intros u Hu. apply H3. intros i. eapply Rlt_le_trans; [apply Hu|apply Rmin_l].
Qed.
Theorem injective_near : exists eps, 0 < eps /\ forall u u',
  (forall i, (i <= M)%positive -> Rabs (u i - u0 i) < eps) -> (forall i, (i <= M)%positive -> Rabs (u' i - u0 i) < eps) ->
  (forall f, In f fs -> peval u f = peval u' f) -> forall i, (i <= M)%positive -> u i = u' i.
Proof.
  destruct (duals (plist M)) as (eps & Pe & H). exists eps. split; [exact Pe|]. intros u u' Hu Hu' E.
  set (w := fun i => if Pos.leb i M then u' i else u0 i). set (v := cut M (fun i => u i - u' i)).
  assert (Hv : forall k, (M < k)%positive -> v k = 0) by (intros; now apply cut_out).
  assert (Hw : forall i, Rabs (w i - u0 i) < eps).
  { intros i. unfold w. destruct (Pos.leb_spec i M); [now apply Hu'|]. unfold Rminus. now rewrite Rplus_opp_r, Rabs_R0. }
  assert (B : forall t, 0 <= t <= 1 -> forall i, Rabs (line w v t i - u0 i) < eps).
  { intros t Ht i. unfold line. destruct (Pos.leb_spec i M) as [Hi|Hi].
    - assert (W : w i = u' i) by (unfold w; apply Pos.leb_le in Hi; now rewrite Hi). rewrite W. unfold v. rewrite cut_in by exact Hi.
      specialize (Hu i Hi). specialize (Hu' i Hi). apply Rabs_def2 in Hu as [? ?]. apply Rabs_def2 in Hu' as [? ?].
      destruct (Rle_dec t (1 / 2)); apply Rabs_def1; nra.
    - rewrite Hv by exact Hi. rewrite Rmult_0_r, Rplus_0_r. apply Hw. }
  set (N := lsum (map (fun i => Rabs (v i)) (plist M))).
  assert (S : forall j, In j (plist M) -> Rabs (v j) <= c * N).
  { intros j Hj. destruct (H j Hj) as (gs & Hg). set (h := fun t => comb gs fs (fun f => peval (line w v t) f)).
    destruct (MVT_gen h 0 1 (fun t => lsum (map (fun i => v i * comb gs fs (fun f => peval (line w v t) (pderiv i f))) (plist M)))) as (xi & Hx & K).
    - intros t _. now apply comb_line.
    - intros t _. apply continuity_pt_filterlim. apply @ex_derive_continuous. exact (ex_intro _ _ (comb_line M gs fs w v t Hv)).
    - rewrite Rmin_left, Rmax_right in Hx by lra.
      assert (Z : h 1 = h 0).
      { unfold h. apply comb_ext. intros f Hf. rewrite (only f (line w v 1) u Hf), (only f (line w v 0) u' Hf).
        - now apply E.
        - intros i Hi. rewrite line_0. unfold w. apply Pos.leb_le in Hi. now rewrite Hi.
        - intros i Hi. unfold line, v. rewrite cut_in by exact Hi. unfold w. apply Pos.leb_le in Hi. rewrite Hi. ring. }
      rewrite Z in K. specialize (Hg (line w v xi) (B xi Hx)).
      assert (T : v j = - lsum (map (fun i => v i * (comb gs fs (fun f => peval (line w v xi) (pderiv i f)) - delta i j)) (plist M))).
      { rewrite (lsum_eq _ (fun i => v i * comb gs fs (fun f => peval (line w v xi) (pderiv i f)) + (-1) * (v i * delta i j))) by (intros; ring).
        rewrite lsum_plus, lsum_scal. assert (X : lsum (map (fun i => v i * delta i j) (plist M)) = v j).
        { rewrite <- (sum_basis v j (plist M)); [|apply plist_nodup|exact Hj]. apply lsum_eq. intros i _. unfold delta, ebasis. now rewrite Pos.eqb_sym. }
        rewrite X. lra. }
      rewrite T, Rabs_Ropp. unfold N. rewrite <- lsum_scal. eapply Rle_trans; [apply lsum_abs|]. apply lsum_le. intros i Hi.
      rewrite Rabs_mult, Rmult_comm. apply Rmult_le_compat_r; [apply Rabs_pos|]. left. now apply Hg. }
  assert (L : N <= INR (length (plist M)) * (c * N)).
  { unfold N at 1. eapply Rle_trans; [apply lsum_le; exact S|]. rewrite lsum_const. lra. }
  rewrite plist_length in L. assert (C : INR (Pos.to_nat M) * c = / 2) by (unfold c; field; assert (P := M_pos); lra).
  assert (N0 : 0 <= N) by (apply lsum_pos; intros; apply Rabs_pos).
  assert (Z : N = 0) by nra. intros i Hi.
  assert (V : Rabs (v i) <= 0) by (rewrite <- (Rmult_0_r c), <- Z; apply S; now apply plist_in).
  assert (v i = 0) by (apply Rabs_eq_0; apply Rle_antisym; [exact V|apply Rabs_pos]). unfold v in H0. rewrite cut_in in H0 by exact Hi. lra.
Qed.
End Near.
