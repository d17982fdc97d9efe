(** * Jacobians of gradient fields are symmetric, along formal curves too

    [vanish]: an expression that is 0 at all points is 0 along every formal curve. [grad_symmetric]: so the Jacobian of a gradient field,
    as an expression, is symmetric along formal curves. *)
From Coq Require Import List ZArith QArith Qreals Reals Lia Lra Bool FMapPositive.
From Coquelicot Require Import Coquelicot.
From SimCert Require Import Poly Expr Slp Checks Flow Lie Words Gradient Series Near.
Import ListNotations.
Local Open Scope R_scope.

Lemma pd_comm u i j q : rev u (pd i (pd j q)) = rev u (pd j (pd i q)).
Proof.
  unfold rev. induction q as [c|k|a IHa b IHb|a IHa b IHb|a IHa|f n a IHa]; cbn [pd]; try reflexivity.
  - destruct (Pos.eqb k i), (Pos.eqb k j); reflexivity.
  - cbn. now rewrite IHa, IHb.
  - cbn. rewrite IHa, IHb. ring.
  - cbn. now rewrite IHa.
  - cbn. rewrite IHa. ring.
Qed.
Theorem vanish M (th : positive -> series) : (forall k, (M < k)%positive -> sder (th k) = scst 0) ->
  forall q, (forall u, rev u q = 0) -> ev opsS th q = scst 0.
Proof.
  intros Hth. assert (G : forall n q, (forall u, rev u q = 0) -> ev opsS th q n = 0).
  { intros n. induction n as [n IH] using (well_founded_induction lt_wf). intros q Hq. destruct n as [|n].
    - assert (E : ev opsS th q O = ev opsR (fun i => th i O) q).
      { clear. induction q as [z|i|b IHb c IHc|b IHb c IHc|b IHb|f n b IHb];
          [| | | | |change (sfun f n (ev opsS th b) O = Jets.jetR f n (ev opsR (fun i => th i O) b)); now rewrite sfun_0, IHb];
          cbn; unfold sadd, smul, sneg; cbn; congruence. }
      rewrite E. apply Hq.
    - assert (Z : sder (ev opsS th q) n = 0).
      { rewrite (sder_ev M th q Hth).
        assert (A : agree n (asum opsS (map (fun j => smul (ev opsS th (pd j q)) (sder (th j))) (plist M))) (asum opsS (map (fun _ => scst 0) (plist M)))).
        { apply asum_agree. intros j _ k Hk.
          rewrite (smul_agree k _ (scst 0) _ (sder (th j))); [|intros l Hl|intros l _; reflexivity|lia].
          - replace (smul (scst 0) (sder (th j))) with (scst 0); [reflexivity|]. ring.
          - rewrite (IH l ltac:(lia)); [now destruct l|]. intros u. rewrite <- partial_pd. unfold partial.
            rewrite (Derive_ext _ (fun _ => 0)) by (intros; apply Hq). apply Derive_const. }
        rewrite A by lia. rewrite (asum_zero opsS opsS_ok) by auto. cbn. now destruct n. }
      unfold sder in Z. apply Rmult_integral in Z as [Z|Z]; [|exact Z]. exfalso. revert Z. apply not_0_INR. lia. }
  intros q Hq. apply seq_ext. intros n. rewrite G by exact Hq. now destruct n.
Qed.

Section Symmetric.
Variables (m : model) (s : positive -> bool -> R -> R) (mem : member).
Hypothesis Hd : act_derivable s.
Hypothesis Hm : poly_acts s mem.
Hypothesis W : wf_model m = true.
Hypothesis HM : forallb (has_member mem) (m_prog m) = true.
Let M := m_nparams m.
Let P := map (gconv Q2R mem) (m_prog m).
(** the function of which a field is the gradient *)
Lemma potential F : field_ok m F -> exists q, forall u i, (i <= M)%positive -> rev u (gpe M P F i) = rev u (pd i q).
Proof.
  intros [_ Hc]. set (x := fun j => getC opsR (gf_x F) j).
  assert (G : forall l, (forall o c, In (o, c) l -> In o (m_outs m)) -> exists q, forall u i,
    lsum (map (fun oc => snd oc * grad s (out m (fst oc)) x u i) l) = rev u (pd i q)).
  { induction l as [|[o c] l IH]; intros Hl; [exists (PC 0); reflexivity|].
    destruct IH as (q & Hq); [intros o' c' H; apply (Hl o' c'); now right|].
    destruct (poly_eval s mem Hm x (out m o)) as (qo & Ho); [apply (members_unroll m mem W HM), (wf_out m W), (Hl o c); now left|].
    exists (PA (PP (PC c) qo) q). intros u i. unfold lsum in *. cbn [map fold_right fst snd]. rewrite Hq.
    assert (E : grad s (out m o) x u i = rev u (pd i qo)) by (rewrite <- partial_pd; unfold grad; apply Derive_ext; intros; apply Ho).
    rewrite E. unfold rev. cbn. ring. }
  destruct (G (gf_cov F) Hc) as (q & Hq). exists q. intros u i Hi. rewrite <- Hq.
  assert (Ha : at_point M opsR (vbuild M u) u) by (intros k; unfold getA; rewrite vbuild_find; now destruct (Pos.leb k M)).
  unfold rev. rewrite <- (grad_ev M P opsR (vbuild M u) u F i opsR_ok Ha).
  apply (grad_real m s mem Hd Hm W HM F _ u x); auto. intros k Hk. rewrite (Ha k). apply Pos.leb_le in Hk. fold M in Hk. now rewrite Hk.
Qed.
Theorem grad_symmetric F (th : positive -> series) i j : field_ok m F -> (forall k, (M < k)%positive -> sder (th k) = scst 0) ->
  (i <= M)%positive -> (j <= M)%positive -> ev opsS th (pd j (gpe M P F i)) = ev opsS th (pd i (gpe M P F j)).
Proof.
  intros HF Hth Hi Hj. destruct (potential F HF) as (q & Hq).
  assert (E : forall a b, (a <= M)%positive -> forall u, rev u (pd b (gpe M P F a)) = rev u (pd b (pd a q))).
  { intros a b Ha u. rewrite <- !partial_pd. apply Derive_ext. intros t. now apply Hq. }
  assert (Z := vanish M th Hth (PA (pd j (gpe M P F i)) (PN (pd i (gpe M P F j))))). cbn [ev opsS oadd oneg] in Z.
  assert (V : sadd (ev opsS th (pd j (gpe M P F i))) (sneg (ev opsS th (pd i (gpe M P F j)))) = scst 0).
  { apply Z. intros u. change (rev u (pd j (gpe M P F i)) + - rev u (pd i (gpe M P F j)) = 0). rewrite !E by assumption. rewrite pd_comm. ring. }
  transitivity (sadd (sadd (ev opsS th (pd j (gpe M P F i))) (sneg (ev opsS th (pd i (gpe M P F j))))) (ev opsS th (pd i (gpe M P F j)))); [ring|].
  rewrite V. ring.
Qed.
End Symmetric.
